"""Where the sources and the zips are, and how large a zip may be."""

import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
# What the ffmpeg layer is built for -> the tag of its wheel: Lambda's architectures, and macOS for a local cloud there.
PLATFORMS = {
    "arm64": "manylinux2014_aarch64",
    "x86_64": "manylinux2014_x86_64",
    "macos-arm64": "macosx_11_0_arm64",
    "macos-x86_64": "macosx_10_9_x86_64",
}

# Bytes. Cold starts read every one of them: growth has to be a decision.
FUNCTION_LIMIT = 10_000
POLLER_LIMIT = 20_000  # of the one that settles overdue jobs, proves absence, adopts results, repairs and erases
MIGRATIONS_LIMIT = 30_000  # of the one that carries the migrations, which are only ever added to
DOCUMENT_LIMIT = 50_000  # of the one that carries the OpenAPI document and its page
SHARED_LAYER_LIMIT = 1_900_000
UNZIPPED_LIMIT = 240_000_000  # Lambda's own is 250 MB for a function with its layers


class OverBudget(SystemExit):
    """A package is larger than it may be: the build ends with this line."""


def function_names() -> list[str]:
    """List the functions there are sources for."""
    return sorted(path.parent.name for path in ROOT.glob("lambdas/*/handler.py"))


def function_limit(name: str) -> int:
    """Give how large a function's zip may be."""
    limits = {
        "apply_migrations": MIGRATIONS_LIMIT,
        "check_replicate_status": POLLER_LIMIT,
        "show_api": DOCUMENT_LIMIT,
    }
    return limits.get(name, FUNCTION_LIMIT)


def function_zip(name: str) -> Path:
    """Give the path of a function's zip."""
    return BUILD / "functions" / f"{name}.zip"


def layer_zips(platform: str) -> dict[str, Path]:
    """Give the path of each layer's zip by the layer's name."""
    layers = BUILD / "layers"
    return {"shared": layers / "shared.zip", "ffmpeg": layers / f"ffmpeg-{platform}.zip"}


def unzipped_size(path: Path) -> int:
    """Give the bytes that the zip's files take when unpacked."""
    with zipfile.ZipFile(path) as archive:
        return sum(entry.file_size for entry in archive.infolist())


def require_at_most(limit: int, path: Path) -> None:
    """Raise OverBudget for a zip of more than `limit` bytes."""
    size = path.stat().st_size
    if size > limit:
        raise OverBudget(f"{path.name} has {size:,} bytes, {size - limit:,} over its budget of {limit:,}")
