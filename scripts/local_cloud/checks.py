"""The tools the local cloud needs from the system, each asked for in one clear line when missing."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from common.problems import SetupProblem
from common.terraform import check_terraform
from local_cloud import redis

PYTHON = (3, 13)
# The demo leaves 300 MB in the state folder: zips, and the layers unpacked for each function.
NEEDED_MEGABYTES = 500


def check_tools() -> str:
    """Check Python, Terraform and Redis; give their versions, or raise SetupProblem for the first to fail."""
    return ", ".join([check_python(sys.version_info[:3]), check_terraform(), check_redis()])


def check_space(folder: Path, free: Callable[[Path], int] = lambda path: shutil.disk_usage(path).free) -> None:
    """Raise SetupProblem if the disk is nearly full: the emulator would hide the reason behind an error of its own."""
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    megabytes = free(existing) // 1_000_000
    if megabytes < NEEDED_MEGABYTES:
        raise SetupProblem(
            f"{existing}: the disk has {megabytes} MB left, and the local cloud needs {NEEDED_MEGABYTES} MB: "
            "free some space"
        )


def check_python(version: tuple[int, ...]) -> str:
    """Check this interpreter: the emulator runs the functions on it, as AWS will on python3.13."""
    text = ".".join(map(str, version))
    if version[:2] != PYTHON:
        raise SetupProblem(f"Python 3.13 is needed, this is {text}: install it, remove .venv and run make again")
    return f"Python {text}"


def check_redis() -> str:
    """Check the Redis server."""
    program = shutil.which("redis-server")
    if not program:
        raise SetupProblem(redis.MISSING)
    answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"v=(\S+)", answer)
    return f"Redis {found[1] if found else '(version unknown)'}"
