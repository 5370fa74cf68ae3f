"""State of an account after a recording, as far as rules need it."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any

from aws_requests.request import Request


def answered(recording: Sequence[Request], *names: str) -> Iterator[Request]:
    """Yield the successful requests of the named operations, in order."""
    return (request for request in recording if request.status < 300 and request.name in names)


def before(recording: Sequence[Request], request: Request) -> Sequence[Request]:
    """Return what was sent before the request."""
    return recording[: bisect_left(recording, request.number, key=lambda one: one.number)]


def last_part(name: str) -> str:
    """Return the name at the end of an ARN, a URL or a plain name."""
    return name.rpartition(":")[2].rpartition("/")[2]


def function_name(name: str) -> str:
    """Return the bare name of `name`, `name:alias`, or an ARN with or without an alias or a version."""
    if name.startswith("arn:"):
        return name.split(":")[6]
    return name.split(":")[0] if "function:" not in name else name.split("function:")[1].split(":")[0]


def function_settings(recording: Sequence[Request], name: str) -> dict[str, Any] | None:
    """Return the function's parameters after the last change; None if its creation was not recorded."""
    settings: dict[str, Any] | None = None
    for request in answered(recording, "lambda.CreateFunction", "lambda.UpdateFunctionConfiguration"):
        if function_name(request.parameters["FunctionName"]) == name:
            settings = {**(settings or {}), **request.parameters}
            if request.operation != "CreateFunction" and "Code" not in settings:
                settings = None  # an update of a function whose creation was not recorded
    return settings


def queue_attributes(recording: Sequence[Request], name: str) -> dict[str, str] | None:
    """Return the queue's attributes after the last change; None if its creation was not recorded."""
    attributes: dict[str, str] | None = None
    for request in answered(recording, "sqs.CreateQueue", "sqs.SetQueueAttributes", "sqs.DeleteQueue"):
        if last_part(request.parameters.get("QueueName") or request.parameters["QueueUrl"]) != name:
            continue
        if request.operation == "DeleteQueue":
            attributes = None
        elif request.operation == "CreateQueue" or attributes is not None:
            attributes = {**(attributes or {}), **(request.parameters.get("Attributes") or {})}
    return attributes


def subnet_zones(recording: Sequence[Request], subnets: Sequence[str]) -> set[str] | None:
    """Return the zones of the subnets; None if the creation of one was not recorded."""
    zones = {
        (request.answer.get("Subnet") or {}).get("SubnetId"): request.parameters.get("AvailabilityZone", "")
        for request in answered(recording, "ec2.CreateSubnet")
    }
    return {zones[subnet] for subnet in subnets} if set(subnets) <= set(zones) else None
