"""One local cloud for all end-to-end tests: the zips, Terraform, IAM enforced, spoken to through HTTP."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from aws_rules import check_recordings
from common.api import ApiClient, Response
from contract.answers import Judge, judge
from e2e.parts import Platform
from local_cloud import packages
from local_cloud.cloud import LocalCloud
from local_cloud.state import Environment

OF_SERVERS = ("x-amzn-requestid", "date", "server", "content-length", "connection", "apigw-requestid", "vary")


@pytest.fixture(scope="session")
def document() -> Judge:
    return judge()


@pytest.fixture(autouse=True)
def promised(document: Judge, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hold every answer that a client gets in these tests against the OpenAPI document."""
    faults: list[str] = []
    request = ApiClient.request

    def judged(client: ApiClient, method: str, path: str, **more: Any) -> Response:
        answer = request(client, method, path, **more)
        if path.startswith("/"):
            faults.extend(of_gateway(document, method, path, answer))
        return answer

    monkeypatch.setattr(ApiClient, "request", judged)
    yield
    assert not faults


def of_gateway(document: Judge, method: str, path: str, answer: Response) -> list[str]:
    """Tell what is wrong with an answer; servers add headers of their own, and know nothing of other addresses."""
    route = document.route_of(method, path.partition("?")[0])
    if route is None:
        return [] if answer.status == 404 else [f"{method} {path} answered {answer.status}"]
    typed = (
        answer.headers
        if answer.body
        else {name: value for name, value in answer.headers.items() if name != "content-type"}
    )
    faults = document.faults(route, answer.status, typed, answer.body.decode())
    return [fault for fault in faults if not any(f"the header {name} is not" in fault for name in OF_SERVERS)]


@pytest.fixture(scope="session")
def cloud(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    """A local cloud with servers, ports and state of its own; when it ends, its requests to AWS are checked."""
    cloud = LocalCloud(tmp_path_factory.mktemp("cloud"))
    try:
        cloud.up()
        yield cloud
        check_recordings("e2e", request.session, cloud.recording)
    finally:
        cloud.down()


@pytest.fixture(scope="session")
def environment(cloud: LocalCloud) -> Environment:
    return cloud.environment()


@pytest.fixture(scope="session")
def plan(cloud: LocalCloud, environment: Environment) -> dict[str, Any]:
    """A second plan of what is applied, as Terraform writes it down."""
    return cloud.terraform(environment).plan(cloud.state_dir / packages.FILE, cloud.variables(environment))


@pytest.fixture
def platform(cloud: LocalCloud, environment: Environment) -> Iterator[Platform]:
    """The platform as a client and the operator see it; faults, and what waits for its turn, do not outlive a test."""
    platform = Platform(cloud, environment)
    yield platform
    platform.clear_faults()
    platform.nothing_waits()


@pytest.fixture
def another_user(platform: Platform) -> ApiClient:
    """A client with the API key of somebody else."""
    return ApiClient(platform.environment.api_url, platform.new_key("somebody else"))


@pytest.fixture
def saved(tmp_path: Path, platform: Platform) -> Callable[[str], Path]:
    def save(url: str) -> Path:
        path = tmp_path / "file"
        assert platform.client.download(url, path) == 200
        return path

    return save
