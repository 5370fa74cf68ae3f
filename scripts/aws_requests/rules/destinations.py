"""Destinations of failed calls and of bucket events that AWS refuses, because their sender may not write to them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from aws_requests.request import Request
from aws_requests.rules.checks import Problem, whole_recording
from aws_requests.rules.history import answered, before, function_name, function_settings, last_part, queue_attributes
from aws_requests.rules.policies import Statement, find_role, matcher, statements, texts

_ACTIONS = {
    "sqs": "sqs:SendMessage",
    "sns": "sns:Publish",
    "lambda": "lambda:InvokeFunction",
    "events": "events:PutEvents",
}
_S3 = "s3.amazonaws.com"


@whole_recording(source="https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html")
def role_can_write(recording: Sequence[Request]) -> Iterator[Problem]:
    for request in recording:
        for arn in _destinations_of_function(request):
            history, action = before(recording, request), _ACTIONS.get(arn.split(":")[2])
            settings = function_settings(history, function_name(request.parameters["FunctionName"])) or {}
            role = find_role(history, request.parameters.get("Role") or settings.get("Role") or "")
            if action and role is not None and not role.allows(action, arn):
                yield request, f"the function's role must allow {action} on {arn}"


def _destinations_of_function(request: Request) -> list[str]:
    parameters, found = request.parameters, []
    if request.name in ("lambda.PutFunctionEventInvokeConfig", "lambda.UpdateFunctionEventInvokeConfig"):
        for destination in (parameters.get("DestinationConfig") or {}).values():
            found.append((destination or {}).get("Destination"))
    elif request.name in ("lambda.CreateFunction", "lambda.UpdateFunctionConfiguration"):
        found.append((parameters.get("DeadLetterConfig") or {}).get("TargetArn"))
    return [arn for arn in found if arn and arn.count(":") >= 5]


@whole_recording(
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html"
)
def bucket_can_write(recording: Sequence[Request]) -> Iterator[Problem]:
    """S3 sends a test event to each destination while it answers the request."""
    for request in recording:
        if request.name != "s3.PutBucketNotificationConfiguration":
            continue
        settings, history = request.parameters.get("NotificationConfiguration") or {}, before(recording, request)
        for entry in settings.get("QueueConfigurations") or []:
            queue = queue_attributes(history, last_part(entry["QueueArn"]))
            if queue is not None and not _lets_s3_send(statements(queue.get("Policy")), entry["QueueArn"]):
                yield request, f"the queue's policy must let {_S3} send to {entry['QueueArn']}"
        for entry in settings.get("LambdaFunctionConfigurations") or []:
            if not _may_call(history, entry["LambdaFunctionArn"]):
                yield request, f"no permission lets {_S3} call {entry['LambdaFunctionArn']}"


def _lets_s3_send(policy: Sequence[Statement], queue: str) -> bool:
    return any(
        statement.get("Effect") == "Allow"
        and _S3 in texts(_services(statement.get("Principal")))
        and _names(statement, "Action", "sqs:SendMessage")
        and _names(statement, "Resource", queue)
        for statement in policy
    )


def _services(principal: Any) -> Any:
    return principal.get("Service") if isinstance(principal, Mapping) else None


def _names(statement: Statement, key: str, value: str) -> bool:
    return any(matcher(text, of_action=key == "Action").fullmatch(value) for text in texts(statement.get(key)))


def _may_call(history: Sequence[Request], function: str) -> bool:
    return any(
        given.parameters.get("Principal") == _S3
        and function_name(given.parameters["FunctionName"]) == function_name(function)
        for given in answered(history, "lambda.AddPermission")
    )
