"""`make test` runs all its parts, whatever fails, and ends with one verdict."""

import subprocess
import sys
from pathlib import Path

from local_cloud.packages import ROOT

TARGETS = """
passes beside-passes:
\t@echo all is well
fails:
\t@echo 'FAILED tests/unit/test_a.py::test_b[x y] - assert 1 == 2'; echo 'ERROR tests/unit/test_c.py::test_d'; exit 1
beside-fails:
\t@echo no such thing; exit 3
"""


def run(folder: Path, *parts: str) -> subprocess.CompletedProcess[str]:
    makefile = folder / "Makefile"
    makefile.write_text(TARGETS)
    command = [sys.executable, "scripts/run_tests.py", "--make", f"make -f {makefile}", "--logs", str(folder / "logs")]
    return subprocess.run([*command, *parts], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


def test_a_failure_is_shown_at_the_end_with_what_runs_it_again(tmp_path: Path) -> None:
    done = run(tmp_path, "--in-turn", "fails", "passes", "--beside", "beside-fails", "beside-passes")
    assert done.returncode == 1
    assert "all is well" in done.stdout  # a failure does not stop the others
    assert "make beside-passes: passed in 0 s" in done.stdout
    assert "The output of make beside-fails:\nno such thing" in done.stdout
    head, *rest = done.stdout.partition("\nmake test: ")[2].splitlines()
    assert head.startswith("2 of 4 parts failed in ")
    assert rest == [
        f"  fails: run it again with make fails (output: {tmp_path}/logs/fails.log)",
        "    .venv/bin/python -m pytest 'tests/unit/test_a.py::test_b[x y]'",
        "    .venv/bin/python -m pytest tests/unit/test_c.py::test_d",
        f"  beside-fails: run it again with make beside-fails (output: {tmp_path}/logs/beside-fails.log)",
    ]


def test_a_success_is_one_line(tmp_path: Path) -> None:
    done = run(tmp_path, "--in-turn", "passes", "--beside", "beside-passes")
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == "make test: all 2 parts passed in 0 s"
