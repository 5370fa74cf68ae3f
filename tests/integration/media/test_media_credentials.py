"""A program in place of ffmpeg finds no credentials: not in its environment, and not in its parent's process.

It runs as another user than root, because root may read every process.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from common.paths import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/proc and prctl are Linux's")

SECRET = "AWS_SECRET_ACCESS_KEY"
NOBODY = 65534
# Opening `mem` needs the same right as ptrace and process_vm_readv. PPID is the function's process.
SPY = rf"""#!/bin/sh
say() {{ echo "[$1]" >&2; }}
has_secret() {{ tr '\0' '\n' <"$1" | grep -q {SECRET}; }}
parent=/proc/$PPID
has_secret $parent/environ && say environ
has_secret $parent/task/$PPID/environ && say 'task environ'
(exec 3<$parent/mem) && say mem
(exec 3<>$parent/mem) && say 'mem, to write'
grep -q python $parent/maps && say maps
ls $parent/fd/ | grep -q . && say fd
grep -q . $parent/auxv && say auxv
readlink $parent/cwd | grep -q . && say cwd
export -p | grep -v LC_ALL | grep -v PWD | grep -q . && say 'own environment'
for number in 3 4 5 6 7 8 9; do [ -e /proc/$$/fd/$number ] && say "own fd $number"; done
sleep 0.5
[ "$(ulimit -c)" = 0 ] || say core
say done
exit 1
"""


@pytest.fixture
def spy() -> Iterator[Path]:
    """Install the spy as the ffmpeg of a layer that every user may read."""
    with tempfile.TemporaryDirectory() as folder:
        layer = Path(folder)
        layer.chmod(0o755)
        (layer / "bin").mkdir(mode=0o755)
        program = layer / "bin" / "ffmpeg"
        program.write_text(SPY)
        program.chmod(0o755)
        yield layer


def found_by(layer: Path, mode: str) -> list[str]:
    source = [str(ROOT / "layers" / "shared" / "python")]
    environment = {"PYTHONPATH": os.pathsep.join([*source, *sys.path]), SECRET: "secret", "LC_ALL": "C"}
    user = str(NOBODY if os.geteuid() == 0 else 0)
    command = [sys.executable, str(Path(__file__).with_name("spied_process.py")), str(layer), user, mode]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60, cwd=layer)
    return [words.strip() for words in done.stdout.removeprefix("exit 1: ").split("|") if words.strip().startswith("[")]


def test_a_program_in_ffmpegs_place_can_read_nothing_of_the_functions_process(spy: Path) -> None:
    assert found_by(spy, "closed") == ["[done]"]


def test_the_spy_would_find_the_credentials_of_an_open_process(spy: Path) -> None:
    found = ["[environ]", "[task environ]", "[mem]", "[mem, to write]", "[maps]", "[fd]", "[auxv]", "[cwd]", "[done]"]
    assert found_by(spy, "open") == found
