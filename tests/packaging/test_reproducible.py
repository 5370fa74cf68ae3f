"""Same sources give the same bytes: elsewhere, later, by another user."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from common.paths import BUILD, ROOT
from local_cloud.packages import layer_platform
from packages.files import function_names
from packages.reproducible_zip import write_zip

SOURCES = ("docs", "lambdas", "layers", "scripts", "sql")
OTHER_SETTINGS = {"TZ": "Pacific/Auckland", "LC_ALL": "C", "PYTHONHASHSEED": "7", "PYTHONDONTWRITEBYTECODE": "1"}


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources in another folder, with other dates and modes."""
    root = tmp_path_factory.mktemp("elsewhere")
    for name in SOURCES:
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in root.rglob("*"):
        os.utime(path, (1_500_000_000, 1_500_000_000))
        path.chmod(0o700)
    return root


def build(root: Path, module: str, *arguments: str) -> None:
    """Run a copy's build module under other machine settings."""
    command = [sys.executable, "-m", f"packages.{module}", *arguments]
    environment = {**os.environ, **OTHER_SETTINGS, "PYTHONPATH": str(root / "scripts")}
    subprocess.run(command, env=environment, cwd="/", umask=0o077, check=True)


@pytest.mark.parametrize("name", function_names())
def test_a_function_built_elsewhere_is_the_same(name: str, elsewhere: Path) -> None:
    build(elsewhere, "function", name)
    assert_same(elsewhere, f"functions/{name}.zip")


def test_the_shared_layer_built_elsewhere_is_the_same(elsewhere: Path) -> None:
    build(elsewhere, "shared_layer")
    assert_same(elsewhere, "layers/shared.zip")


def test_the_ffmpeg_layer_built_elsewhere_is_the_same(elsewhere: Path) -> None:
    build(elsewhere, "ffmpeg_layer", layer_platform())
    assert_same(elsewhere, f"layers/ffmpeg-{layer_platform()}.zip")


def test_another_content_makes_another_zip(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    zips = []
    for number, content in enumerate((b"one", b"one", b"two")):
        (tmp_path / "folder" / "file").write_bytes(content)
        write_zip(tmp_path / "folder", tmp_path / f"{number}.zip")
        zips.append((tmp_path / f"{number}.zip").read_bytes())
    assert zips[0] == zips[1] != zips[2]


def assert_same(root: Path, path: str) -> None:
    """Compare a zip with the one of `make build`, without a byte diff in the message, because they are large."""
    assert (root / "build" / path).read_bytes() == (BUILD / path).read_bytes(), f"{path} differs"
