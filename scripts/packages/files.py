"""Paths of the zips, and their size budgets."""

import zipfile
from pathlib import Path

from common.paths import BUILD, ROOT

# Platform of the ffmpeg layer -> its wheel's platform tag. AWS runs the first two, a local cloud all four.
PLATFORMS = {
    "arm64": "manylinux2014_aarch64",
    "x86_64": "manylinux2014_x86_64",
    "macos-arm64": "macosx_11_0_arm64",
    "macos-x86_64": "macosx_10_9_x86_64",
}

# Bytes. A cold start downloads all of them, so growth has to be a decision.
FUNCTION_LIMIT = 10_000
LARGER_FUNCTIONS = {
    "apply_migrations": 30_000,  # carries the migrations, which only grow in number
    "check_replicate_status": 20_000,  # settles overdue jobs, proves absence, adopts results, repairs, erases
    "show_api": 50_000,  # carries the OpenAPI document and the /docs page
}
SHARED_LAYER_LIMIT = 1_900_000
UNZIPPED_LIMIT = 240_000_000  # Lambda's own limit is 250 MB for a function with its layers


class OverBudget(SystemExit):
    """A zip is over its budget. The message is the build's last line."""


def function_names() -> list[str]:
    """List the functions: each folder in lambdas/ with a handler."""
    return sorted(path.parent.name for path in ROOT.glob("lambdas/*/handler.py"))


def function_limit(name: str) -> int:
    """Return a function's budget in bytes."""
    return LARGER_FUNCTIONS.get(name, FUNCTION_LIMIT)


def function_zip(name: str) -> Path:
    """Return the path of a function's zip."""
    return BUILD / "functions" / f"{name}.zip"


def layer_zips(platform: str) -> dict[str, Path]:
    """Return the path of each layer's zip by the layer's name."""
    layers = BUILD / "layers"
    return {"shared": layers / "shared.zip", "ffmpeg": layers / f"ffmpeg-{platform}.zip"}


def unzipped_size(path: Path) -> int:
    """Return the size of the zip's files when unpacked, in bytes."""
    with zipfile.ZipFile(path) as archive:
        return sum(entry.file_size for entry in archive.infolist())


def require_at_most(limit: int, path: Path) -> None:
    """Raise OverBudget if the zip is larger than `limit` bytes."""
    size = path.stat().st_size
    if size > limit:
        raise OverBudget(
            f"{path.name} has {size:,} bytes, {size - limit:,} over its budget of {limit:,}: "
            f"make the package smaller, or raise the budget in scripts/packages/files.py"
        )
