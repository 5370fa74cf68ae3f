"""Zip the shared layer: mediagen, the pinned runtime packages (pure Python), RDS's root certificates."""

import shutil
import tempfile
from pathlib import Path

from common.paths import ROOT
from packages.files import SHARED_LAYER_LIMIT, layer_zips, require_at_most
from packages.reproducible_zip import compile_bytecode, write_zip
from packages.run_pip import run_pip

LAYER_ROOT = "/opt"  # where Lambda unpacks a layer
RDS_ROOTS = ROOT / "layers" / "shared" / "rds"
# .dist-info stays, because scramp (a dependency of pg8000) reads its own. pip's additions describe this machine only.
INSTALLATION = ("*.dist-info/RECORD", "*.dist-info/INSTALLER", "*.dist-info/REQUESTED", "bin")
# Parts that no import of ours reaches: 0.5 MB of the zip.
UNUSED = (
    *(f"asn1crypto/{name}.py" for name in ("cms", "crl", "csr", "ocsp", "pdf", "pkcs12", "tsp")),
    "dateutil/rrule.py",
    "dateutil/zoneinfo/*.tar.gz",
    *(f"redis/asyncio/{name}" for name in ("*[a-z].py", "http", "multidb")),
    "redis/commands/bf",
    "redis/commands/json",
    "redis/commands/search",
    "redis/commands/timeseries",
    "redis/commands/vectorset",
    "redis/multidb",
    "urllib3/contrib",
)
# redis imports its asynchronous half first. An empty one saves 0.2 MB and a quarter of the import time.
ASYNC_REDIS = "redis/asyncio/__init__.py"


def build(target: Path) -> None:
    """Write the layer's zip. Raises OverBudget."""
    with tempfile.TemporaryDirectory() as folder:
        packages = Path(folder, "python")
        _install(packages)
        _remove(packages, *INSTALLATION, *UNUSED)
        Path(packages, ASYNC_REDIS).write_text("")
        # Third-party packages ship bytecode only: with their sources the zip has 2.5 MB instead of 1.7.
        compile_bytecode(Path(folder), LAYER_ROOT, beside=True)
        _remove(packages, "**/*.py", "**/*.pyi")
        source = ROOT / "layers" / "shared" / "python" / "mediagen"
        shutil.copytree(source, packages / "mediagen", ignore=shutil.ignore_patterns("__pycache__", "*.json"))
        compile_bytecode(Path(folder), LAYER_ROOT)
        shutil.copytree(RDS_ROOTS, Path(folder, "rds"), ignore=shutil.ignore_patterns("README.md"))
        write_zip(Path(folder), target)
    require_at_most(SHARED_LAYER_LIMIT, target)


def _remove(folder: Path, *patterns: str) -> None:
    for path in [path for pattern in patterns for path in folder.glob(pattern)]:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _install(target: Path) -> None:
    requirements = ROOT / "layers" / "shared" / "requirements.txt"
    # Accept only wheels for every platform: a package with compiled parts fails here instead of in Lambda.
    pure = ["--only-binary=:all:", "--python-version=3.13", "--implementation=py", "--abi=none", "--platform=any"]
    quiet = ["--quiet", "--quiet", "--disable-pip-version-check"]
    options = [*quiet, *pure, "--no-deps", "--no-compile", "--require-hashes", f"--target={target}"]
    run_pip("install", *options, f"-r{requirements}")


if __name__ == "__main__":
    build(layer_zips("any")["shared"])
