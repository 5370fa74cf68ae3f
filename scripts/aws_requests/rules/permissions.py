"""Missing permissions of API Gateway and EventBridge to call a function, which no request reports."""

import re
from collections.abc import Iterator, Sequence

from aws_requests.request import Request
from aws_requests.rules.checks import Problem, whole_recording
from aws_requests.rules.history import answered, function_name

_FUNCTION = re.compile(r"arn:[\w-]+:lambda:[\w-]+:\d{12}:function:([\w-]+)(?::([\w$-]+))?")


@whole_recording(source="https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html")
def schedules_may_call(recording: Sequence[Request]) -> Iterator[Problem]:
    """EventBridge counts a FailedInvocation and drops the event."""
    for request in answered(recording, "events.PutTargets"):
        for target in request.parameters["Targets"]:
            meant = re.compile(f".+:rule/{re.escape(request.parameters['Rule'])}")
            if _lacks_permission(recording, target["Arn"], "events.amazonaws.com", meant):
                yield request, f"no permission lets EventBridge call {target['Arn']} for this rule"


@whole_recording(
    source="https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html"
)
def apis_may_call(recording: Sequence[Request]) -> Iterator[Problem]:
    """API Gateway answers 500, and its access log says why."""
    for request in answered(recording, "apigatewayv2.CreateIntegration", "apigatewayv2.CreateAuthorizer"):
        uri = request.parameters.get("IntegrationUri") or request.parameters.get("AuthorizerUri") or ""
        meant = re.compile(f"arn:.+:{request.parameters['ApiId']}/.+")
        if _lacks_permission(recording, uri, "apigateway.amazonaws.com", meant):
            yield request, f"no permission lets API Gateway call {uri}"


def _lacks_permission(recording: Sequence[Request], target: str, principal: str, meant: re.Pattern[str]) -> bool:
    """Look in the whole recording: a permission may follow what it permits."""
    function = _FUNCTION.search(target)
    if function is None:
        return False
    return not any(
        function_name(given.parameters["FunctionName"]) == function[1]
        and given.parameters.get("Qualifier") == function[2]
        and given.parameters.get("Principal") == principal
        and meant.fullmatch(given.parameters.get("SourceArn") or "")
        for given in answered(recording, "lambda.AddPermission")
    )
