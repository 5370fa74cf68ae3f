"""One local cloud for all end-to-end tests: the zips, Terraform, enforced IAM, called over HTTP."""

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
from local_cloud.terraform import Terraform

OF_SERVERS = ("x-amzn-requestid", "date", "server", "content-length", "connection", "apigw-requestid", "vary")


@pytest.fixture(scope="session")
def document() -> Judge:
    return judge()


@pytest.fixture(autouse=True)
def promised(document: Judge, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Check every answer to a client in these tests against the OpenAPI document."""
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
    """Return the faults of an answer, but ignore headers that servers add and addresses without a route."""
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
    """A local cloud with servers, ports and state of its own; its requests to AWS are checked when it stops."""
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
def terraform(cloud: LocalCloud, environment: Environment) -> Iterator[Terraform]:
    """The Terraform of the cloud with one provider for all commands."""
    with cloud.terraform(environment).attached() as attached:
        yield attached


@pytest.fixture(scope="session")
def plan(cloud: LocalCloud, environment: Environment, terraform: Terraform) -> dict[str, Any]:
    """A second plan of the applied configuration, as Terraform's JSON."""
    return terraform.plan(cloud.state_dir / packages.FILE, cloud.variables(environment))


@pytest.fixture
def platform(cloud: LocalCloud, environment: Environment) -> Iterator[Platform]:
    """The platform for clients and the operator; faults and queued jobs are cleared after each test."""
    platform = Platform(cloud, environment)
    yield platform
    platform.clear_faults()
    platform.nothing_waits()


@pytest.fixture
def another_user(platform: Platform) -> ApiClient:
    """A client with another user's API key."""
    return ApiClient(platform.environment.api_url, platform.new_key("somebody else"))


@pytest.fixture
def saved(tmp_path: Path, platform: Platform) -> Callable[[str], Path]:
    def save(url: str) -> Path:
        path = tmp_path / "file"
        assert platform.client.download(url, path) == 200
        return path

    return save
