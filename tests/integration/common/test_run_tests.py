"""`make test` runs all its parts, whatever fails, and ends with a summary that says how to run what failed again."""

import shlex
import subprocess
import sys
from pathlib import Path

from local_cloud.packages import ROOT

TARGETS = f"""
passes beside-passes:
\t@echo all is well
counts:
\t@echo '=== 12 passed, 1 skipped in 0.50s ==='; echo 'Success! 30 passed, 0 failed.'
fails:
\t@echo 'FAILED tests/unit/test_log.py::test_of_a_log'
\t@echo '=== short test summary info ==='
\t@echo 'FAILED tests/unit/test_a.py::test_b[x y] - assert 1 == 2'
\t@echo 'ERROR tests/unit/test_c.py - ImportError: no d'
\t@echo '=== 1 failed, 3 passed, 1 error in 0.50s ==='; exit 1
terraform-fails:
\t@echo '  run "good"... pass'; echo '  run "policies"... fail'; echo 'Failure! 1 passed, 1 failed.'; exit 1
many-fail:
\t@echo 'short test summary info'
\t@for n in 1 2 3 4 5 6 7 8 9 10 11 12; do echo "FAILED tests/a.py::test_$$n"; done; exit 1
beside-fails:
\t@echo first; echo no such thing; exit 3
pytest-fails:
\t@{sys.executable} -m pytest -p no:cacheprovider --rootdir=. -c /dev/null tests/test_wrong.py
"""


def run(folder: Path, *parts: str) -> subprocess.CompletedProcess[str]:
    makefile = folder / "Makefile"
    makefile.write_text(TARGETS)
    command = [sys.executable, "scripts/run_tests.py", "--make", f"make -C {folder}", "--logs", str(folder / "logs")]
    return subprocess.run([*command, *parts], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


def summary(done: subprocess.CompletedProcess[str]) -> tuple[str, list[str]]:
    """Return the first line of the summary at the end of the output, and the lines below it."""
    head, *rest = done.stdout.rpartition("\nmake test: ")[2].splitlines()
    return head, rest


def test_a_failure_does_not_stop_the_other_parts(tmp_path: Path) -> None:
    done = run(tmp_path, "--in-turn", "fails", "passes", "--beside", "beside-fails", "beside-passes")
    assert done.returncode == 1
    assert "all is well" in done.stdout
    assert "make beside-passes: passed in 0 s" in done.stdout
    assert "The output of make beside-fails:\nfirst\nno such thing" in done.stdout
    assert summary(done)[0].startswith("FAILED, 2 of 4 parts, ")


def test_the_summary_has_the_command_that_runs_each_failed_test_again(tmp_path: Path) -> None:
    _, lines = summary(run(tmp_path, "--in-turn", "passes", "fails"))
    assert lines == [
        f"  make fails    # whole output: {tmp_path}/logs/fails.log",
        "    .venv/bin/python -m pytest 'tests/unit/test_a.py::test_b[x y]'",
        "    .venv/bin/python -m pytest tests/unit/test_c.py",
    ]


def test_the_summary_names_the_failed_runs_of_terraform(tmp_path: Path) -> None:
    _, lines = summary(run(tmp_path, "--in-turn", "terraform-fails"))
    assert lines[1:] == ["    failed: run 'policies'"]


def test_the_summary_shows_the_last_lines_of_a_part_without_failed_tests(tmp_path: Path) -> None:
    _, lines = summary(run(tmp_path, "--in-turn", "beside-fails"))
    shown = [line.removeprefix("    | ") for line in lines[1:]]
    assert shown[:2] == ["first", "no such thing"]
    assert shown[2].startswith("make: *** ")


def test_the_summary_shows_ten_tests_of_a_part_and_counts_the_others(tmp_path: Path) -> None:
    _, lines = summary(run(tmp_path, "--in-turn", "many-fail"))
    assert len(lines) == 12
    assert lines[-1] == "    and 2 more tests"


def test_the_summary_finds_what_pytest_itself_reports(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    tests = tmp_path / "tests" / "test_wrong.py"
    tests.write_text(
        "import pytest\n@pytest.mark.parametrize('x', ['a b', 'c'])\ndef test_it(x: str) -> None: assert x == 'c'\n"
    )
    _, lines = summary(run(tmp_path, "--in-turn", "pytest-fails"))
    command = shlex.split(lines[1])
    assert command == [".venv/bin/python", "-m", "pytest", "tests/test_wrong.py::test_it[a b]"]
    assert len(lines) == 2


def test_a_success_ends_with_one_line(tmp_path: Path) -> None:
    done = run(tmp_path, "--name", "make test", "--in-turn", "passes", "counts", "--beside", "beside-passes")
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == "make test: passed, 42 tests (1 skipped) in 3 parts, 0 s"


def test_the_summary_names_the_command_that_was_typed(tmp_path: Path) -> None:
    done = run(tmp_path, "--name", "make test-fast", "--in-turn", "passes")
    assert done.stdout.splitlines()[-1].startswith("make test-fast: passed, 0 tests in 1 part, ")
