"""The Makefile: a list for newcomers, clear guards, and nothing done twice."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from local_cloud.packages import layer_platform
from package_files import PLATFORMS, ROOT, function_names

MAKEFILE = (ROOT / "Makefile").read_text()


def make(*arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
    """Run make as a person would, not as a child of the make that runs these tests."""
    environment = {name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKELEVEL", "ENV"}}
    command = [shutil.which("make") or "make", *arguments]
    return subprocess.run(command, cwd=ROOT, env={**environment, **extra}, capture_output=True, text=True, check=False)


def test_a_second_build_does_nothing() -> None:
    assert make("--question", "build", f"ARCH={layer_platform()}").returncode == 0


def test_the_list_of_functions_is_that_of_the_folders() -> None:
    [names] = re.findall(r"^FUNCTIONS := ((?:.*\\\n)*.*)", MAKEFILE, re.MULTILINE)
    assert sorted(names.replace("\\\n", " ").split()) == function_names()


def test_the_list_of_platforms_is_that_of_the_builder() -> None:
    [names] = re.findall(r"^PLATFORMS := ([^#\n]*)", MAKEFILE, re.MULTILINE)
    assert names.split() == list(PLATFORMS)


def test_make_alone_lists_every_target_that_has_a_description() -> None:
    described = re.findall(r"^([a-z0-9-]+):.*## (.*)", MAKEFILE, re.MULTILINE)
    shown = make().stdout
    assert len(described) > 15
    assert all(f"make {name} " in shown and text in shown for name, text in described)


def test_an_upload_without_an_environment_says_which_word_is_missing() -> None:
    refused = make("upload")
    assert refused.returncode == 2
    assert refused.stderr.splitlines()[0] == "ENV is missing: for example make upload ENV=homolog"


@pytest.mark.parametrize(
    ("target", "tool"), [("check", "terraform"), ("test-integration", "redis-server"), ("setup", "python3.13")]
)
def test_a_missing_tool_is_named_with_what_to_install(target: str, tool: str, tmp_path: Path) -> None:
    # A user's PATH without the tool, and no right to install it.
    for name in ("sh", "bash", "env", "echo", "uname", "find", "id", "dirname", "test", "touch"):
        (tmp_path / name).symlink_to(shutil.which(name) or f"/bin/{name}")
    refused = make(target, f"TOOLS={tmp_path / 'installed' if tool == 'python3.13' else ''}", PATH=str(tmp_path))
    assert refused.returncode == 2
    assert f"{tool} is missing: " in refused.stderr
