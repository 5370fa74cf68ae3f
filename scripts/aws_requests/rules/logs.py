"""Log groups and events that CloudWatch Logs refuses, and the key policy that it needs."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from aws_requests.request import Request
from aws_requests.rules.checks import Parameters, Problem, each_request, whole_recording
from aws_requests.rules.history import answered, before
from aws_requests.rules.policies import Statement, matcher, statements, texts

_API = "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference"
_ENCRYPTION = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html"
_DAYS = {1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}
_KEY_ACTIONS = (
    "kms:Encrypt",
    "kms:Decrypt",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
    "kms:GenerateDataKey",
    "kms:DescribeKey",
)
_CONTEXT = "kms:EncryptionContext:aws:logs:arn"


@each_request("logs.PutRetentionPolicy", source=f"{_API}/API_PutRetentionPolicy.html")
def retention(parameters: Parameters) -> Iterator[str]:
    if parameters.get("retentionInDays") not in _DAYS:
        yield f"retentionInDays is {parameters.get('retentionInDays')}; CloudWatch Logs knows {sorted(_DAYS)}"


@each_request("logs.CreateLogGroup", source=f"{_API}/API_CreateLogGroup.html")
def group_name(parameters: Parameters) -> Iterator[str]:
    name = parameters["logGroupName"]
    if not re.fullmatch(r"[.\-_/#A-Za-z0-9]{1,512}", name):
        yield f"the log group name {name!r} must be 1 to 512 of a-z, A-Z, 0-9, '_', '-', '/', '.' and '#'"
    if name.startswith("aws/"):
        yield "a log group's name must not start with aws/"


@each_request(
    "logs.PutMetricFilter",
    source="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html",
)
def metric_filter(parameters: Parameters) -> Iterator[str]:
    for metric in parameters.get("metricTransformations") or []:
        if metric.get("dimensions") and metric.get("defaultValue") is not None:
            yield f"{metric['metricName']}: a metric with dimensions cannot have a default value"
        if len(metric.get("dimensions") or {}) > 3:
            yield f"{metric['metricName']}: more than 3 dimensions"


@each_request("logs.CreateLogStream", source=f"{_API}/API_CreateLogStream.html")
def stream_name(parameters: Parameters) -> Iterator[str]:
    if re.search(r"[:*]", parameters["logStreamName"]) or not 1 <= len(parameters["logStreamName"]) <= 512:
        yield "a log stream's name has 1 to 512 characters, and neither ':' nor '*'"


@each_request("logs.PutLogEvents", source=f"{_API}/API_PutLogEvents.html")
def events_are_acceptable(parameters: Parameters) -> Iterator[str]:
    events = parameters.get("logEvents") or []
    if not 1 <= len(events) <= 10_000:
        yield f"{len(events)} log events; one request takes 1 to 10000"
    if sum(len(event["message"].encode()) + 26 for event in events) > 1_048_576:
        yield "the log events have more than 1 MiB, with 26 bytes counted for each"
    if any(not event["message"] for event in events):
        yield "a log event must not be empty"
    times = [event["timestamp"] for event in events]
    if times != sorted(times):
        yield "log events must be in the order of their time stamps"


@each_request("logs.CreateLogGroup", "logs.AssociateKmsKey", source=_ENCRYPTION)
def key_is_named_by_arn(parameters: Parameters) -> Iterator[str]:
    key = parameters.get("kmsKeyId")
    if key and not re.fullmatch(r"arn:[\w-]+:kms:[\w-]+:\d{12}:key/[\w-]+", key):
        yield f"kmsKeyId {key!r} must be the ARN of a key, not an id or an alias"


@whole_recording(source=_ENCRYPTION)
def key_policy_lets_logs_encrypt(recording: Sequence[Request]) -> Iterator[Problem]:
    for request in recording:
        key = request.parameters.get("kmsKeyId")
        if request.name not in ("logs.CreateLogGroup", "logs.AssociateKmsKey") or not key or key.count(":") != 5:
            continue
        policy = key_policy(before(recording, request), key)
        group = request.parameters.get("logGroupName") or ""
        arn = f"arn:aws:logs:{request.region}:{key.split(':')[4]}:log-group:{group}"
        if policy is not None:
            for action in _KEY_ACTIONS:
                if not any(_lets_logs(statement, action, arn, request.region) for statement in policy):
                    yield (
                        request,
                        f"the key's policy must allow logs.{request.region}.amazonaws.com {action} for {group}",
                    )


@whole_recording(source=_ENCRYPTION)
def key_is_in_the_region(recording: Sequence[Request]) -> Iterator[Problem]:
    for request in recording:
        key = request.parameters.get("kmsKeyId") if request.service == "logs" else None
        if key and key.startswith("arn:") and key.split(":")[3] != request.region:
            yield request, "the key must be in the region of the log group"


def key_policy(recording: Sequence[Request], arn: str) -> list[Statement] | None:
    """Return the key's policy; None if its creation was not recorded."""
    policy: list[Statement] | None = None
    for request in answered(recording, "kms.CreateKey", "kms.PutKeyPolicy"):
        if request.operation == "CreateKey":
            if (request.answer.get("KeyMetadata") or {}).get("Arn") == arn:
                policy = statements(request.parameters.get("Policy"))
        elif request.parameters["KeyId"] in (arn, arn.rpartition("/")[2]):
            policy = statements(request.parameters.get("Policy"))
    return policy


def _lets_logs(statement: Statement, action: str, arn: str, region: str) -> bool:
    principal = statement.get("Principal")
    services = texts(principal.get("Service")) if isinstance(principal, dict) else []
    return (
        statement.get("Effect") == "Allow"
        and bool({f"logs.{region}.amazonaws.com", "logs.amazonaws.com"} & set(services))
        and any(matcher(pattern, of_action=True).fullmatch(action) for pattern in texts(statement.get("Action")))
        and _context_matches(statement.get("Condition") or {}, arn)
    )


def _context_matches(condition: Mapping[str, Any], arn: str) -> bool:
    """Return whether the encryption context that CloudWatch Logs sends, the log group's ARN, meets the condition."""
    for operator, tests in condition.items():
        for key, patterns in tests.items():
            if key.lower() == _CONTEXT.lower():
                wildcards = operator in ("ArnLike", "ArnEquals", "StringLike")
                if not any(
                    matcher(pattern).fullmatch(arn) if wildcards else pattern == arn for pattern in texts(patterns)
                ):
                    return False
    return True
