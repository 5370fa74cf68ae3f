"""Application Auto Scaling by moto, with the tags of scalable targets: moto 5.2.5 forgets them, and Terraform asks."""

import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse as Response
from moto.server import ThreadedMotoServer


@contextmanager
def auto_scaling_server() -> Iterator[str]:
    """Run it for the length of a block and give its endpoint URL."""
    with pytest.MonkeyPatch.context() as patch:
        remember_tags(patch)
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        try:
            host, port = server.get_host_and_port()
            yield f"http://{host}:{port}"
        finally:
            server.stop()


def remember_tags(patch: pytest.MonkeyPatch) -> None:
    """Add to moto what it lacks."""
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
