"""Scaling targets and policies that Application Auto Scaling refuses."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from aws_requests.request import Request
from aws_requests.rules.checks import Parameters, Problem, each_request, whole_recording
from aws_requests.rules.history import answered, before

_API = "https://docs.aws.amazon.com/autoscaling/application/APIReference"
_REGISTER = "application-autoscaling.RegisterScalableTarget"


@each_request(_REGISTER, source=f"{_API}/API_RegisterScalableTarget.html")
def targets(parameters: Parameters) -> Iterator[str]:
    least, most = parameters.get("MinCapacity"), parameters.get("MaxCapacity")
    if least is not None and most is not None and not 0 <= least <= most:
        yield f"MinCapacity {least} and MaxCapacity {most} are not a range"
    dimension, resource = parameters["ScalableDimension"], parameters["ResourceId"]
    if parameters["ServiceNamespace"] == "dynamodb":
        kind = "index" if "/index/" in resource else "table"
        if dimension not in (f"dynamodb:{kind}:ReadCapacityUnits", f"dynamodb:{kind}:WriteCapacityUnits"):
            yield f"{dimension} is not a dimension of {resource}"


@whole_recording(source=f"{_API}/API_PutScalingPolicy.html")
def policies_have_a_target(recording: Sequence[Request]) -> Iterator[Problem]:
    for request in recording:
        if request.name == "application-autoscaling.PutScalingPolicy":
            registered = [_target(made.parameters) for made in answered(before(recording, request), _REGISTER)]
            if _target(request.parameters) not in registered:
                yield request, f"{request.parameters['ResourceId']} is not registered as a scalable target"


def _target(parameters: Mapping[str, Any]) -> tuple[str, str, str]:
    return parameters["ServiceNamespace"], parameters["ResourceId"], parameters["ScalableDimension"]
