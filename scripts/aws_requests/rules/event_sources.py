"""Event source mappings of SQS queues that Lambda refuses."""

import json
from collections.abc import Iterator, Sequence

from aws_requests.request import Request
from aws_requests.rules.checks import Parameters, Problem, each_request, whole_recording
from aws_requests.rules.history import (
    answered,
    before,
    function_name,
    function_settings,
    last_part,
    queue_attributes,
)
from aws_requests.rules.policies import QUEUE_ACTIONS, find_role

_GUIDE = "https://docs.aws.amazon.com/lambda/latest/dg"
_API = "https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html"
_MAPPING = ("lambda.CreateEventSourceMapping", "lambda.UpdateEventSourceMapping")


@whole_recording(source=f"{_GUIDE}/services-sqs-configure.html#events-sqs-permissions")
def role_can_read_the_queue(recording: Sequence[Request]) -> Iterator[Problem]:
    for request in _queue_mappings(recording):
        history = before(recording, request)
        settings = function_settings(history, function_name(request.parameters["FunctionName"])) or {}
        role = find_role(history, settings.get("Role") or "")
        for action in QUEUE_ACTIONS:
            if role is not None and not role.allows(f"sqs:{action}", request.parameters["EventSourceArn"]):
                yield request, f"the function's role must allow sqs:{action} on the queue"


@whole_recording(source=f"{_GUIDE}/services-sqs-configure.html")
def queue_waits_for_the_function(recording: Sequence[Request]) -> Iterator[Problem]:
    for request in _queue_mappings(recording):
        history = before(recording, request)
        settings = function_settings(history, function_name(request.parameters["FunctionName"]))
        queue = queue_attributes(history, last_part(request.parameters["EventSourceArn"]))
        if settings is None or queue is None:
            continue
        visible, timeout = int(queue.get("VisibilityTimeout", 30)), settings.get("Timeout") or 3
        if visible < timeout:
            yield (
                request,
                f"the queue's visibility timeout is {visible} s, less than the function's timeout, {timeout} s",
            )


@whole_recording(source=_API)
def function_exists(recording: Sequence[Request]) -> Iterator[Problem]:
    """Report a mapping to a function that the recording deleted or never created, if it created any function."""
    if not any(answered(recording, "lambda.CreateFunction")):
        return
    for request in _queue_mappings(recording):
        name = function_name(request.parameters["FunctionName"])
        if request.operation.startswith("Create") and function_settings(before(recording, request), name) is None:
            yield request, f"the function {name} does not exist"


@each_request(*_MAPPING, source=_API)
def batches(parameters: Parameters) -> Iterator[str]:
    size, window = parameters.get("BatchSize"), parameters.get("MaximumBatchingWindowInSeconds")
    fifo = parameters.get("EventSourceArn", "").endswith(".fifo")
    if size is not None and not 1 <= size <= 10_000:
        yield f"BatchSize is {size}; an SQS queue allows 1 to 10000"
    elif size and size > 10 and fifo:
        yield f"BatchSize is {size}; a FIFO queue allows 10"
    elif size and size > 10 and not window:
        yield f"BatchSize is {size}: above 10 a batching window of at least 1 second is required"
    if fifo and window:
        yield "a FIFO queue allows no batching window"
    if window is not None and not 0 <= window <= 300:
        yield f"the batching window is {window} s; Lambda allows 0 to 300"


@each_request(*_MAPPING, source=f"{_GUIDE}/services-sqs-scaling.html")
def concurrency_range(parameters: Parameters) -> Iterator[str]:
    maximum = (parameters.get("ScalingConfig") or {}).get("MaximumConcurrency")
    if maximum is not None and not 2 <= maximum <= 1000:
        yield f"MaximumConcurrency is {maximum}; Lambda allows 2 to 1000"


@whole_recording(source=f"{_GUIDE}/services-sqs-scaling.html")
def concurrency_fits_the_reservation(recording: Sequence[Request]) -> Iterator[Problem]:
    """Compare at the end, because the order of mapping and reservation does not matter: throttled messages are lost."""
    reserved = {
        function_name(request.parameters["FunctionName"]): request.parameters["ReservedConcurrentExecutions"]
        for request in answered(recording, "lambda.PutFunctionConcurrency")
    }
    for request in _queue_mappings(recording):
        name = function_name(request.parameters["FunctionName"])
        maximum = (request.parameters.get("ScalingConfig") or {}).get("MaximumConcurrency")
        if maximum and name in reserved and maximum > reserved[name]:
            yield request, f"MaximumConcurrency {maximum} exceeds the {reserved[name]} reserved executions of {name}"


@each_request(*_MAPPING, source=_API)
def answers_are_known(parameters: Parameters) -> Iterator[str]:
    for kind in parameters.get("FunctionResponseTypes") or []:
        if kind != "ReportBatchItemFailures":
            yield f"FunctionResponseTypes has {kind!r}; Lambda knows ReportBatchItemFailures only"


@each_request(*_MAPPING, source=_API)
def streams_only(parameters: Parameters) -> Iterator[str]:
    if ":sqs:" not in parameters.get("EventSourceArn", ""):
        return
    for name in _OF_STREAMS:
        if parameters.get(name) is not None:
            yield f"{name} is for streams; Lambda refuses it for an SQS queue"


_OF_STREAMS = (
    "StartingPosition",
    "ParallelizationFactor",
    "MaximumRecordAgeInSeconds",
    "BisectBatchOnFunctionError",
    "MaximumRetryAttempts",
    "TumblingWindowInSeconds",
)


@each_request(*_MAPPING, source=f"{_GUIDE}/invocation-eventfiltering.html")
def filters_are_patterns(parameters: Parameters) -> Iterator[str]:
    filters = (parameters.get("FilterCriteria") or {}).get("Filters") or []
    if len(filters) > 5:
        yield f"{len(filters)} filters; Lambda allows 5"
    for entry in filters:
        try:
            json.loads(entry.get("Pattern") or "")
        except ValueError:
            yield "a filter's pattern is not JSON"


@whole_recording(source=_API)
def queue_is_read_once(recording: Sequence[Request]) -> Iterator[Problem]:
    existing: dict[object, tuple[str, str]] = {}
    for request in answered(recording, "lambda.CreateEventSourceMapping", "lambda.DeleteEventSourceMapping"):
        if request.operation.startswith("Delete"):
            existing.pop(request.parameters.get("UUID"), None)
            continue
        pair = (request.parameters.get("EventSourceArn", ""), request.parameters["FunctionName"])
        if pair in existing.values():
            yield request, "the function has an event source mapping for this queue already"
        existing[request.answer.get("UUID", request.number)] = pair


def _queue_mappings(recording: Sequence[Request]) -> Iterator[Request]:
    for request in recording:
        if request.name == "lambda.CreateEventSourceMapping" and ":sqs:" in request.parameters.get(
            "EventSourceArn", ""
        ):
            yield request
