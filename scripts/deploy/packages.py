"""Check that all zips were uploaded for this environment."""

import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from common.paths import ROOT
from common.problems import SetupProblem
from deploy.account import Account
from deploy.environment import LOCAL_PREFIX, Environment
from packages.files import function_zip, layer_zips
from packages.upload import key_of

FILE = Path("terraform/packages.auto.tfvars.json")
# The root's own default.
ARM = "arm64"


@dataclass(frozen=True)
class Packages:
    """The file of `make upload`: the bucket, and the key of each function's and layer's zip."""

    bucket: str
    functions: dict[str, str]
    layers: dict[str, str]

    @property
    def keys(self) -> list[str]:
        """The keys of all zips."""
        return [*self.functions.values(), *self.layers.values()]

    @property
    def platform(self) -> str:
        """The platform that the ffmpeg layer is for."""
        key = re.fullmatch(r"layers/ffmpeg-(.+)-\w+\.zip", self.layers.get("ffmpeg", ""))
        return key[1] if key else ARM


def load(root: Path, environment: Environment) -> Packages:
    """Read the file. Raises SetupProblem if it is missing or damaged."""
    try:
        noted = json.loads((root / FILE).read_text())
        return Packages(noted["artifact_bucket"], noted["packages"], noted["layers"])
    except FileNotFoundError:
        raise SetupProblem(f"no packages were uploaded: run make upload ENV={environment.name}") from None
    except (ValueError, KeyError, TypeError):
        raise SetupProblem(f"{FILE} cannot be read: run make upload ENV={environment.name} to write it again") from None


def misplaced(packages: Packages, environment: Environment, account: str, environ: Mapping[str, str]) -> Iterator[str]:
    """Yield a problem if the zips belong to another environment or account, or are for another processor."""
    again = f"make upload ENV={environment.name}"
    wanted = environ.get("ARTIFACT_BUCKET") or environment.artifact_bucket(account)
    other = re.fullmatch(rf"{environment.prefix}-artifacts-(\d{{12}})", packages.bucket)
    if packages.bucket != wanted and other:
        yield (
            f"the packages were uploaded to account {other[1]}, but these are credentials of account {account}: "
            f"use credentials of that account, or run {again}"
        )
    elif packages.bucket != wanted:
        yield f"the packages noted in {FILE} are in {packages.bucket} instead of {wanted}: run {again}"
    ours, theirs = environment.architecture or environ.get("TF_VAR_architecture") or ARM, packages.platform
    if environment.prefix == LOCAL_PREFIX:
        theirs = theirs.removeprefix("macos-")
    if ours != theirs:
        yield f"the packages are for {theirs}, but {environment.name} runs on {ours}: run {again} ARCH={ours}"


def missing(packages: Packages, environment: Environment, account: Account) -> Iterator[str]:
    """Yield a problem if the bucket lacks a zip. A role without read access (CI's plan role) gets none."""
    s3 = account.aws.client("s3")
    with ThreadPoolExecutor() as pool:
        gone = pool.map(lambda key: _is_absent(s3, packages.bucket, key), packages.keys)
        absent = [key for key, is_gone in zip(packages.keys, gone, strict=True) if is_gone]
    if absent:
        yield (
            f"{packages.bucket} lacks {len(absent)} of {len(packages.keys)} packages, such as {absent[0]}: "
            f"run make upload ENV={environment.name}"
        )


def outdated(root: Path, packages: Packages) -> str:
    """Describe a difference between the uploaded zips and the sources; empty if nothing was built to compare with."""
    zips = {key: function_zip(name) for name, key in packages.functions.items()}
    layers = layer_zips(packages.platform)
    zips |= {key: layers[name] for name, key in packages.layers.items() if name in layers}
    built = {key: path for key, zip_path in zips.items() if (path := root / zip_path.relative_to(ROOT)).exists()}
    changed = [path.stem for key, path in built.items() if key_of(key.partition("/")[0], path) != key]
    if changed:
        return f"the built packages differ from the uploaded ones ({', '.join(changed)})"
    return "the sources have changed since they were uploaded" if built and _is_stale(root, packages) else ""


def _is_absent(s3: Any, bucket: str, key: str) -> bool:
    try:
        s3.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        return bool(error.response["ResponseMetadata"]["HTTPStatusCode"] == HTTPStatus.NOT_FOUND)
    return False


def _is_stale(root: Path, packages: Packages) -> bool:
    """Ask make whether it would build anything (0.1 s)."""
    # A calling make has a job server, which its grandchildren cannot reach.
    own = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    command = ["make", "--question", "build", f"ARCH={packages.platform}"]
    return subprocess.run(command, cwd=root, env=own, capture_output=True, check=False).returncode == 1
