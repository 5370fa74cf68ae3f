"""The Makefile: help for newcomers, clear guards, and no repeated work."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import psutil
import pytest

from common.paths import ROOT
from integration.waiting import eventually
from local_cloud.packages import layer_platform
from packages.files import PLATFORMS, function_names

MAKEFILE = (ROOT / "Makefile").read_text()


def make(*arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
    """Run make as from a shell, not as a child of the make that runs these tests."""
    environment = {name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKELEVEL", "ENV"}}
    command = [shutil.which("make") or "make", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env={**environment, **extra}, capture_output=True, text=True, check=False, timeout=120
    )


def test_printing_what_the_tests_would_do_runs_none() -> None:
    shown = make("--just-print", "test")
    assert "scripts/run_tests.py" in shown.stdout
    assert "In parallel, with output in" not in shown.stdout


def test_a_second_build_does_nothing() -> None:
    assert make("--question", "build", f"ARCH={layer_platform()}").returncode == 0


def test_a_change_to_the_builder_builds_every_function_again() -> None:
    shown = make("--just-print", "--what-if=scripts/packages/function.py", "build", f"ARCH={layer_platform()}").stdout
    assert sorted(re.findall(r"-m packages\.function (\w+)", shown)) == function_names()


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
    ("target", "tools"),
    [
        ("check", ["terraform"]),
        ("test-integration", ["redis-server"]),
        ("setup", ["python3.13"]),
        ("demo", ["python3.13", "redis-server", "terraform"]),
        ("up", ["python3.13", "redis-server", "terraform"]),
        ("test", ["python3.13", "redis-server", "terraform"]),
    ],
)
def test_all_missing_tools_are_named_with_what_to_install_before_anything_is_installed(
    target: str, tools: list[str], tmp_path: Path
) -> None:
    # A user's PATH without the tool, and no right to install it.
    for name in ("sh", "bash", "env", "echo", "uname", "find", "id", "dirname", "test", "touch"):
        (tmp_path / name).symlink_to(shutil.which(name) or f"/bin/{name}")
    installed = "Makefile" if "python3.13" not in tools else tmp_path / "installed"
    refused = make(target, f"TOOLS={installed}", "--old-file=Makefile", PATH=str(tmp_path))
    assert refused.returncode == 2
    assert [line.partition(" is missing: ")[0] for line in refused.stderr.splitlines()[:-1]] == tools
    assert "Installing" not in refused.stdout


@pytest.mark.parametrize(
    ("program", "output", "tool", "told"),
    [
        (
            "terraform",
            '{"terraform_version": "1.9.8"}',
            "terraform",
            "terraform 1.11 or newer is missing: this is 1.9.8; ",
        ),
        ("terraform", '{"terraform_version": "2.0.0-beta1"}', "terraform", ""),
        ("python3.13", "", "python", "python3.13's venv is missing: "),
    ],
)
def test_an_old_or_incomplete_tool_is_named(program: str, output: str, tool: str, told: str, tmp_path: Path) -> None:
    stub = tmp_path / program
    # A Python that fails on everything but its version check.
    stub.write_text(f'#!/bin/sh\necho \'{output}\'\ntest -z "$2" || test "$2" = -json\n')
    stub.chmod(0o755)
    command = [str(ROOT / "scripts/check_prerequisites"), "4.3", tool]
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.stderr.startswith(told) and done.returncode == (1 if told else 0)


@pytest.mark.parametrize(("version", "code"), [("3.80", 1), ("3.81", 0), ("4.3", 0), ("", 1)])
def test_the_make_of_macos_is_new_enough(version: str, code: int) -> None:
    command = [str(ROOT / "scripts/check_prerequisites"), version]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert ("GNU Make 3.81 or newer is missing" in done.stderr) == bool(code)


@pytest.mark.parametrize("target", ["down", "logs"])
def test_without_tools_nothing_is_installed_in_order_to_stop_nothing(target: str, tmp_path: Path) -> None:
    done = make(target, f"TOOLS={tmp_path / 'installed'}")
    if (ROOT / ".local/environment.json").exists():
        assert done.stderr.startswith(f".venv is incomplete: run make setup, then make {target}")
    else:
        assert done.stdout == "Nothing is running: the tools are not installed (make up installs and starts them).\n"
    assert not (tmp_path / "installed").exists()


def test_an_upload_without_credentials_says_so_before_it_builds(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = {
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "ARTIFACT_BUCKET"):
        monkeypatch.delenv(name, raising=False)
    refused = make("upload", "ENV=homolog", "ARCH=none", **nothing)
    assert refused.returncode == 2
    told, _ = refused.stderr.splitlines()
    assert (
        told
        == "upload: there are no AWS credentials: export AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    )


def test_an_interrupted_installation_is_noticed(tmp_path: Path) -> None:
    """The fake Python creates a slow virtual environment with a child process, as venv runs ensurepip."""
    slow = tmp_path / "bin" / "python3.13"
    slow.parent.mkdir()
    slow.write_text("#!/bin/sh\nsleep 600 &\necho $! >tools/new\nmv tools/new tools/begun\nwait\n")
    slow.chmod(0o755)
    (tmp_path / "requirements.txt").write_text("urllib3==2.5.0\n")
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "installed").touch()  # from an earlier run
    command = [str(ROOT / "scripts/install_tools"), "tools", "requirements.txt"]
    environment = {"PATH": f"{slow.parent}:{os.environ['PATH']}"}
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True) as child:
        eventually((tmp_path / "tools" / "begun").exists, "the start of the installation")
        child.terminate()
        told = child.communicate(timeout=20)[1]
    started = int((tmp_path / "tools" / "begun").read_text())
    eventually(lambda: not psutil.pid_exists(started), "the end of what the installation started")
    assert child.returncode == 130
    assert told == "interrupted: tools is incomplete; the next make installs it again\n"
    assert not (tmp_path / "tools" / "installed").exists()


def test_a_failed_installation_is_one_line(tmp_path: Path) -> None:
    full = tmp_path / "bin" / "python3.13"
    full.parent.mkdir()
    full.write_text("#!/bin/sh\necho 'Error: [Errno 28] No space left on device'\nexit 1\n")
    full.chmod(0o755)
    (tmp_path / "requirements.txt").write_text("urllib3==2.5.0\n")
    command = [str(ROOT / "scripts/install_tools"), "tools", "requirements.txt"]
    environment = {"PATH": f"{full.parent}:{os.environ['PATH']}"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    output = "whole output: build/install-tools.log"
    assert done.stderr == f"installation into tools failed: Error: [Errno 28] No space left on device ({output})\n"


def test_a_signal_to_ci_run_reaches_make(tmp_path: Path) -> None:
    program = tmp_path / "make"
    program.write_text(
        "#!/bin/sh\n[ $1 = test ] || exit 0\n"
        "trap 'echo stopped; exit 3' TERM\necho ready\nwhile :; do sleep 0.1; done\n"
    )
    program.chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    with subprocess.Popen([".ci/run"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout
        assert "ready\n" in iter(child.stdout.readline, "")
        child.terminate()  # only the topmost process, as a CI runner does
        assert child.stdout.read() == "stopped\n"
    assert child.returncode == 3
