"""Every way to interrupt a program raises KeyboardInterrupt, once."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from integration.waiting import eventually
from local_cloud.packages import ROOT

PROGRAM = """
import os, signal, sys, time
from pathlib import Path
from common import interruption
for number in (signal.SIGINT, signal.SIGHUP):  # as at a terminal, wherever these tests run
    signal.signal(number, signal.default_int_handler)
{before}
interruption.end_in_order()
try:
    Path("ready").write_text(str(os.getpid()))
    {body}
    time.sleep(600)
except KeyboardInterrupt:
    with open("said", "a") as said:
        said.write("interrupted\\n")
    {cleanup}
    with open("said", "a") as said:
        said.write("cleaned up\\n")
"""
ALL = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
every_signal = pytest.mark.parametrize("number", ALL, ids=lambda number: number.name)


def program(folder: Path, *, before: str = "", body: str = "pass", cleanup: str = "pass") -> Path:
    path = folder / "program.py"
    path.write_text(PROGRAM.format(before=before, body=body, cleanup=cleanup))
    return path


def start(folder: Path, *command: str) -> tuple[subprocess.Popen[bytes], psutil.Process]:
    """Start a command that leads to the program; return both once the program is ready."""
    environ = {**os.environ, "PYTHONPATH": str(ROOT / "scripts")}
    child = subprocess.Popen(command, cwd=folder, env=environ, start_new_session=True)
    ready = folder / "ready"
    pid = eventually(lambda: ready.read_text() if ready.exists() else "", "the start of the program", seconds=60)
    return child, psutil.Process(int(pid))


def said(folder: Path) -> list[str]:
    return (folder / "said").read_text().splitlines() if (folder / "said").exists() else []


@every_signal
def test_a_signal_ends_a_program_in_order(number: signal.Signals, tmp_path: Path) -> None:
    child, _ = start(tmp_path, sys.executable, str(program(tmp_path)))
    child.send_signal(number)
    assert child.wait(timeout=20) == 0
    assert said(tmp_path) == ["interrupted", "cleaned up"]


@pytest.mark.parametrize("number", [*ALL, signal.SIGKILL], ids=lambda number: number.name)
def test_a_signal_to_make_alone_ends_its_program_too(number: signal.Signals, tmp_path: Path) -> None:
    makefile = tmp_path / "Makefile"
    # `:` keeps a shell between make and the program, as in recipes of more than one command.
    makefile.write_text(f"all:\n\t@{sys.executable} {program(tmp_path)}; :\n")
    make, found = start(tmp_path, shutil.which("make") or "make", "all")
    make.send_signal(number)
    assert psutil.wait_procs([found], timeout=20)[1] == []
    assert said(tmp_path) == ["interrupted", "cleaned up"]
    make.wait(timeout=20)


def test_signals_that_follow_do_not_disturb_the_cleaning_up(tmp_path: Path) -> None:
    rest = "for number in (signal.SIGTERM, signal.SIGHUP): os.kill(os.getpid(), number)"
    child, _ = start(tmp_path, sys.executable, str(program(tmp_path, cleanup=rest)))
    child.send_signal(signal.SIGTERM)
    assert child.wait(timeout=20) == 0
    assert said(tmp_path) == ["interrupted", "cleaned up"]


def test_an_interruption_waits_for_the_end_of_a_postponing_block(tmp_path: Path) -> None:
    body = (
        "with interruption.postponed(): "
        "os.kill(os.getpid(), signal.SIGTERM); time.sleep(0); Path('said').write_text('noted\\n')"
    )
    child, _ = start(tmp_path, sys.executable, str(program(tmp_path, body=body)))
    assert child.wait(timeout=20) == 0
    assert said(tmp_path) == ["noted", "interrupted", "cleaned up"]


def test_with_nohup_a_program_outlives_its_shell(tmp_path: Path) -> None:
    before = "signal.signal(signal.SIGHUP, signal.SIG_IGN)"
    wait = "while os.getppid() == int(os.environ['PARENT']): time.sleep(0.01)"
    end = f"{wait}\n    Path('said').write_text('alone\\n'); sys.exit()"
    path = program(tmp_path, before=before, body=end)
    shell, found = start(tmp_path, "sh", "-c", f"PARENT=$$ {sys.executable} {path} & wait")
    found.send_signal(signal.SIGHUP)
    shell.kill()
    shell.wait()
    assert psutil.wait_procs([found], timeout=20)[1] == []
    assert said(tmp_path) == ["alone"]
