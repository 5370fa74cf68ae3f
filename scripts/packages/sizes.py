"""Print the size of every zip against its budget, and fail if one is over it."""

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path

from packages.files import (
    PLATFORMS,
    SHARED_LAYER_LIMIT,
    UNZIPPED_LIMIT,
    OverBudget,
    function_limit,
    function_names,
    function_zip,
    layer_zips,
    require_at_most,
    unzipped_size,
)

ROW = "{:<28}{:>12}{:>14}{:>14}"
LARGEST = "process_webhook"  # the only function with both layers


def table(functions: Iterable[str], platform: str) -> Iterator[str]:
    """Yield the lines of the table, sizes in bytes. Raises OverBudget."""
    yield ROW.format("package", "zipped", "unzipped", "budget")
    for name in functions:
        yield _row(name, function_zip(name), function_limit(name))
    layers = layer_zips(platform)
    yield _row("shared layer", layers["shared"], SHARED_LAYER_LIMIT)
    yield _row(f"ffmpeg layer, {platform}", layers["ffmpeg"], None)
    total = sum(map(unzipped_size, [function_zip(LARGEST), *layers.values()]))
    yield ROW.format(f"{LARGEST} + layers", "", f"{total:,}", f"{UNZIPPED_LIMIT:,}")
    if total >= UNZIPPED_LIMIT:
        raise OverBudget(f"{LARGEST} and its layers unpack to {total:,} bytes, over the budget of {UNZIPPED_LIMIT:,}")


def _row(title: str, path: Path, limit: int | None) -> str:
    if limit is not None:
        require_at_most(limit, path)
    budget = "" if limit is None else f"{limit:,}"
    return ROW.format(title, f"{path.stat().st_size:,}", f"{unzipped_size(path):,}", budget)


def main() -> None:
    """Print the table of all functions and layers."""
    parser = argparse.ArgumentParser(prog="python -m packages.sizes", description=__doc__)
    parser.add_argument("--platform", choices=PLATFORMS, required=True)
    for line in table(function_names(), parser.parse_args().platform):
        print(line)


if __name__ == "__main__":
    main()
