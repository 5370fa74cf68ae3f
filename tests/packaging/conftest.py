"""The zips of `make build`, unpacked as on Lambda."""

import zipfile
from pathlib import Path

import pytest

from local_cloud.packages import build, layer_platform
from packages.files import function_names, function_zip, layer_zips


@pytest.fixture(scope="session", autouse=True)
def built(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Build all outdated packages, so that no test depends on an earlier build (0.2 s if all are current)."""
    build(tmp_path_factory.mktemp("build"))


@pytest.fixture(scope="session")
def layers() -> dict[str, Path]:
    """Both layers' zips, with ffmpeg for this machine."""
    return layer_zips(layer_platform())


@pytest.fixture(scope="session")
def shared_layer(layers: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shared layer's folder that Lambda puts on Python's path."""
    return unpack(layers["shared"], tmp_path_factory.mktemp("shared")) / "python"


@pytest.fixture(scope="session")
def task_roots(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The folder of each function (Lambda's /var/task), by the function's name."""
    return {name: unpack(function_zip(name), tmp_path_factory.mktemp(name)) for name in function_names()}


def unpack(path: Path, folder: Path) -> Path:
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)
    return folder
