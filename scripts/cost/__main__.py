"""Write docs/cost.md, or with --check only compare: `make costs`."""

import argparse
import sys
from pathlib import Path

from cost.page import Page
from cost.sizes import ENVIRONMENTS, sizes
from cost.tables import UnknownPrice
from cost.usage import kinds

PAGE = Path(__file__).parents[2] / "docs" / "cost.md"


def wanted() -> str:
    """Write the page of the environments as they are. Raises UnknownPrice."""
    environments = {name: sizes(name) for name in ENVIRONMENTS}
    return Page(environments, kinds(environments["prod"].values["models"])).write()


def main() -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail if the page is not current, change nothing")
    check: bool = parser.parse_args().check
    try:
        page = wanted()
    except UnknownPrice as problem:
        print(problem, file=sys.stderr)
        return 1
    if not check:
        PAGE.write_text(page)
    elif PAGE.read_text() != page:
        print("docs/cost.md is not current: make costs", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
