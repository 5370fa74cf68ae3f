"""Application Auto Scaling, mocked with moto; adds tags and the missing-object error that moto 5.2.5 lacks."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from moto.applicationautoscaling.exceptions import AWSValidationException
from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse as Response
from moto.core.exceptions import JsonRESTError

from aws_requests.recording import FILE
from aws_rules import recorded_moto


@dataclass(frozen=True)
class AutoScaling:
    """Address of the server, and the file that records its requests."""

    url: str
    recording: Path


@contextmanager
def auto_scaling_server(folder: Path) -> Iterator[AutoScaling]:
    """Run the server for the length of the block."""
    folder.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        remember_tags(patch)
        for name in ("deregister_scalable_target", "delete_scaling_policy"):
            patch.setattr(Response, name, named_as_by_aws(getattr(Response, name)))
        with recorded_moto(folder) as url:
            yield AutoScaling(url, folder / FILE)


def remember_tags(patch: pytest.MonkeyPatch) -> None:
    tags: dict[str, dict[str, str]] = defaultdict(dict)
    register = Response.register_scalable_target

    def register_scalable_target(self: Any) -> str:
        answer = register(self)
        tags[json.loads(answer)["ScalableTargetARN"]] |= self._get_param("Tags") or {}
        return answer

    def list_tags_for_resource(self: Any) -> str:
        return json.dumps({"Tags": tags[self._get_param("ResourceARN")]})

    patch.setattr(Response, "register_scalable_target", register_scalable_target)
    patch.setattr(Response, "list_tags_for_resource", list_tags_for_resource, raising=False)


def named_as_by_aws(act: Callable[[Any], str]) -> Callable[[Any], str]:
    """Answer ObjectNotFoundException for a missing object, as AWS documents.

    If the answer to a deletion was lost, the second attempt gets this error, and Terraform treats it as success.
    https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DeregisterScalableTarget.html
    """

    def answer(self: Any) -> str:
        try:
            return act(self)
        except AWSValidationException as error:
            raise JsonRESTError("ObjectNotFoundException", str(error.message)) from error

    return answer
