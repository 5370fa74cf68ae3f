"""The zips: built by `make build` for this machine, then uploaded to the emulator's artifact bucket."""

import os
import platform
import sys
from collections.abc import Mapping
from pathlib import Path

from common import commands
from common.problems import SetupProblem
from local_cloud.aws import ARTIFACT_BUCKET

ROOT = Path(__file__).resolve().parents[2]
FILE = "packages.tfvars.json"


def architecture(machine: str = "") -> str:
    """Return Lambda's name of this machine's architecture, on which the functions run."""
    name = (machine or platform.machine()).lower()
    if name in ("x86_64", "amd64"):
        return "x86_64"
    if name in ("arm64", "aarch64"):
        return "arm64"
    raise SetupProblem(f"no ffmpeg layer for a {name} machine: use x86_64 or arm64")


def layer_platform(system: str = "", machine: str = "") -> str:
    """Return the platform of the ffmpeg layer: on macOS the functions cannot run the Linux binary."""
    name = system or platform.system()
    prefixes = {"Linux": "", "Darwin": "macos-"}
    if name not in prefixes:
        raise SetupProblem(f"no ffmpeg layer for {name}: use Linux or macOS")
    return prefixes[name] + architecture(machine)


def build(logs: Path, environ: Mapping[str, str] = os.environ) -> None:
    """Build the zips that are out of date."""
    # Of the make that called us: its job server cannot be reached from here.
    own = {name: value for name, value in environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    command = ["make", "build", f"ARCH={layer_platform()}"]
    commands.run(command, folder=ROOT, environment=own, log=logs / "build.log", name="make build")


def upload(state_dir: Path, logs: Path, environment: Mapping[str, str]) -> Path:
    """Upload the zips to the artifact bucket; return the variables file with their keys."""
    output = state_dir / FILE
    program = [sys.executable, "-m", "packages.upload"]
    options = ["--bucket", ARTIFACT_BUCKET, "--platform", layer_platform(), "--output", str(output)]
    log = logs / "upload.log"
    # Packages of scripts/ may not be on the path of the process that calls us.
    own = {**environment, "PYTHONPATH": str(ROOT / "scripts")}
    commands.run([*program, *options], folder=ROOT, environment=own, log=log, name="the upload of packages")
    return output
