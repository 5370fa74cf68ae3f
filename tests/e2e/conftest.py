"""One local cloud for all end-to-end tests: the zips, Terraform, IAM enforced, spoken to through HTTP."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from common.api import ApiClient
from e2e.parts import Platform
from local_cloud import packages
from local_cloud.cloud import LocalCloud
from local_cloud.state import Environment


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    """A local cloud with servers, ports and state of its own."""
    cloud = LocalCloud(tmp_path_factory.mktemp("cloud"))
    try:
        cloud.up()
        yield cloud
    finally:
        cloud.down()


@pytest.fixture(scope="session")
def environment(cloud: LocalCloud) -> Environment:
    """Where its parts are."""
    return cloud.environment()


@pytest.fixture(scope="session")
def plan(cloud: LocalCloud, environment: Environment) -> dict[str, Any]:
    """A second plan of what is applied, as Terraform writes it down."""
    return cloud.terraform(environment).plan(cloud.state_dir / packages.FILE, cloud.variables(environment))


@pytest.fixture
def platform(cloud: LocalCloud, environment: Environment) -> Iterator[Platform]:
    """The platform as a client and the operator see it; faults do not outlive a test."""
    platform = Platform(cloud, environment)
    yield platform
    platform.clear_faults()


@pytest.fixture
def another_user(platform: Platform) -> ApiClient:
    """A client with the API key of somebody else."""
    return ApiClient(platform.environment.api_url, platform.new_key("somebody else"))


@pytest.fixture
def saved(tmp_path: Path, platform: Platform) -> Callable[[str], Path]:
    """Save what a signed link gives."""

    def save(url: str) -> Path:
        path = tmp_path / "file"
        assert platform.client.download(url, path) == 200
        return path

    return save
