"""The commands, run as a person types them."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from common.paths import ROOT
from deploy.__main__ import COMMANDS
from integration.waiting import eventually


def make(*arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
    """Run make as from a shell, not as a child of the make that runs these tests."""
    environment = {name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKELEVEL", "ENV"}}
    command = [shutil.which("make") or "make", *arguments]
    return subprocess.run(command, cwd=ROOT, env={**environment, **extra}, capture_output=True, text=True, check=False)


def test_help_lists_every_command_in_order_and_every_variable() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "deploy", "--help"],
        env={**os.environ, "PYTHONPATH": str(ROOT / "scripts")},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    places = [shown.index(f"\n    {name} ") for name in COMMANDS]
    assert places == sorted(places)
    assert all(
        name in shown for name in ("CONFIRM", "TF_VAR_database_url", "REPLICATE_API_TOKEN", "VSL_API_KEY", "GITHUB")
    )


@pytest.mark.parametrize("command", [name for name in COMMANDS if name not in ("access", "limits", "model")])
def test_make_without_an_environment_names_those_there_are(command: str) -> None:
    refused = make(command)
    assert refused.returncode == 2
    assert refused.stderr.splitlines()[0].startswith(
        f"deploy: ENV is missing: for example make {command} ENV=homolog ("
    )


@pytest.mark.parametrize("login", ["root", ""])
@pytest.mark.parametrize(("command", "more"), [("access", ""), ("limits", " BUDGET=25")])
def test_the_user_of_the_login_environment_is_not_meant(login: str, command: str, more: str) -> None:
    refused = make(command, "ENV=homolog", USER=login)
    example = f"make {command} ENV=homolog USER=alice{more}"
    assert refused.stderr.splitlines()[0] == f"deploy: USER is missing: for example {example}"


def test_a_user_name_is_used_as_typed(tmp_path: Path) -> None:
    installed = tmp_path / "installed"
    installed.touch()  # dated now, so newer than the requirements: the tools are not reinstalled
    shown = make("access", "ENV=homolog", "USER=o'neil & sons", "PYTHON=printf '<%s>'", f"TOOLS={installed}")
    assert shown.stdout.endswith("<--user><o'neil & sons>")


def test_the_action_and_the_key_are_used_as_typed(tmp_path: Path) -> None:
    installed = tmp_path / "installed"
    installed.touch()
    typed = ("ACTION=rotate", "KEY=Ab 9z", "HOURS=1.5")
    shown = make("access", "ENV=homolog", *typed, "PYTHON=printf '<%s>'", f"TOOLS={installed}", KEY="not meant")
    assert shown.stdout.endswith("<homolog><--action><rotate><--key><Ab 9z><--hours><1.5><--user><>")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["ACTION=delete"], "there is no ACTION=delete: use one of key, user, list, rotate, revoke"),
        (["ACTION=user"], "USER is missing: for example make access ENV=homolog ACTION=user USER=alice"),
        (
            ["ACTION=rotate"],
            "KEY is missing: its id or last four characters, which make access ENV=homolog ACTION=list shows",
        ),
        (
            ["ACTION=revoke"],
            "KEY is missing: its id or last four characters, which make access ENV=homolog ACTION=list shows",
        ),
    ],
)
def test_an_action_that_lacks_something_says_so_before_anything_is_asked(arguments: list[str], problem: str) -> None:
    assert make("access", "ENV=homolog", *arguments).stderr.splitlines()[0] == f"deploy: {problem}"


def test_a_queue_name_is_used_as_typed(tmp_path: Path) -> None:
    installed = tmp_path / "installed"
    installed.touch()
    shown = make("redrive", "ENV=homolog", "QUEUE=all of them", "PYTHON=printf '<%s>'", f"TOOLS={installed}")
    assert shown.stdout.endswith("<deploy><redrive><homolog><--queue><all of them>")


def test_limits_are_used_as_typed(tmp_path: Path) -> None:
    installed = tmp_path / "installed"
    installed.touch()
    typed = ("ENV=homolog", "USER=a b", "RATE=50", "BUDGET=default")
    shown = make("limits", *typed, "PYTHON=printf '<%s>'", f"TOOLS={installed}")
    told = "<--user><a b><--rate><50><--concurrent><><--budget><default>"
    assert shown.stdout.endswith(f"<deploy><limits><homolog>{told}")


def test_an_interrupted_terraform_gets_one_signal_to_stop(tmp_path: Path) -> None:
    program = "trap 'echo asked >>asked; kill $!' INT; touch ready; sleep 600 & wait; exit 7"
    ours = (
        "import os, pathlib, signal\nfrom common import commands\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a background process ignores SIGINT
        f"print(commands.show(['sh', '-c', {program!r}], folder=pathlib.Path(), environment=os.environ))"
    )
    command, environment = [sys.executable, "-c", ours], {**os.environ, "PYTHONPATH": str(ROOT / "scripts")}
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True) as child:
        eventually((tmp_path / "ready").exists, "the program runs")
        child.send_signal(signal.SIGINT)
        assert child.communicate(timeout=30)[0] == "7\n"
    assert (tmp_path / "asked").read_text() == "asked\n"
