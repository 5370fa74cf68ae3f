"""The tools the local cloud needs from the system, each asked for in one clear line when missing."""

import json
import re
import shutil
import subprocess
import sys

from local_cloud import redis
from local_cloud.problems import SetupProblem

PYTHON = (3, 13)
TERRAFORM = (1, 11)


def check_tools() -> str:
    """Check Python, Terraform and Redis; give their versions, or raise SetupProblem for the first to fail."""
    return ", ".join([check_python(sys.version_info[:3]), check_terraform(), check_redis()])


def check_python(version: tuple[int, ...]) -> str:
    """Check this interpreter: the emulator runs the functions on it, as AWS will on python3.13."""
    text = ".".join(map(str, version))
    if version[:2] != PYTHON:
        raise SetupProblem(f"Python 3.13 is needed, this is {text}: install it, remove .venv and run make again")
    return f"Python {text}"


def check_terraform() -> str:
    """Check Terraform: write-only arguments and ephemeral variables came with 1.11."""
    where = "https://developer.hashicorp.com/terraform/install"
    if not shutil.which("terraform"):
        raise SetupProblem(f"terraform is missing: install version 1.11 or newer from {where}")
    answer = subprocess.run(["terraform", "version", "-json"], capture_output=True, text=True, check=False).stdout
    # A warning about the CLI configuration may stand before the JSON.
    version = str(json.loads(answer[answer.find("{") :])["terraform_version"])
    if tuple(int(part) for part in re.findall(r"\d+", version)[:2]) < TERRAFORM:
        raise SetupProblem(f"terraform 1.11 or newer is needed, this is {version}: install it from {where}")
    return f"Terraform {version}"


def check_redis() -> str:
    """Check the Redis server."""
    program = shutil.which("redis-server")
    if not program:
        raise SetupProblem(redis.MISSING)
    answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"v=(\S+)", answer)
    return f"Redis {found[1] if found else '(version unknown)'}"
