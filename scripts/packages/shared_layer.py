"""Zip the shared layer: mediagen, the pinned run-time packages (pure Python for any processor), the roots of RDS."""

import shutil
import tempfile
from pathlib import Path

from package_files import ROOT, SHARED_LAYER_LIMIT, layer_zips, require_at_most
from reproducible_zip import compile_bytecode, write_zip
from run_pip import run_pip

LAYER_ROOT = "/opt"  # where Lambda unpacks a layer
RDS_ROOTS = ROOT / "layers" / "shared" / "rds"
# .dist-info stays: scramp, below pg8000, reads its own. What pip adds to it tells of this installation only.
INSTALLATION = ("*.dist-info/RECORD", "*.dist-info/INSTALLER", "*.dist-info/REQUESTED", "bin")
# Parts that are only imported when asked for, and that nobody here asks for: 0.5 MB of the zip.
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
# redis imports its asynchronous half before all else: an empty one saves 0.2 MB, and a quarter of the import.
ASYNC_REDIS = "redis/asyncio/__init__.py"


def build(target: Path) -> None:
    """Write the layer's zip. Raises OverBudget."""
    with tempfile.TemporaryDirectory() as folder:
        packages = Path(folder, "python")
        _install(packages)
        _remove(packages, *INSTALLATION, *UNUSED)
        Path(packages, ASYNC_REDIS).write_text("")
        # Bytecode alone for what is not ours: with the sources the zip has 2.5 MB instead of 1.7.
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
    # Only wheels for every platform are taken: a package with compiled parts fails here, not in Lambda.
    pure = ["--only-binary=:all:", "--python-version=3.13", "--implementation=py", "--abi=none", "--platform=any"]
    quiet = ["--quiet", "--quiet", "--disable-pip-version-check"]
    options = [*quiet, *pure, "--no-deps", "--no-compile", "--require-hashes", f"--target={target}"]
    run_pip("install", *options, f"-r{requirements}")


if __name__ == "__main__":
    build(layer_zips("any")["shared"])
