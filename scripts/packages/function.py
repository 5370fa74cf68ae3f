"""Zip one function: its folder of lambdas/, so that the same import works here and in Lambda.

Sources only: .pyc files would save 2 to 9 ms of a cold start, and take four of the nine functions past the budget.
"""

import argparse
import shutil
import tempfile
from pathlib import Path

from package_files import ROOT, function_limit, function_zip, require_at_most
from reproducible_zip import write_zip

SHIPPED = {".py", ".json", ".html", ".css", ".js"}
COMPOSED = "openapi"  # what a room says of its routes is in docs/openapi.json


def build(name: str, target: Path) -> None:
    """Write the function's zip. Raises OverBudget."""
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder, name)
        package.mkdir()
        for source in (ROOT / "lambdas" / name).iterdir():
            if source.suffix in SHIPPED and not source.name.startswith(f"{COMPOSED}."):
                shutil.copyfile(source, package / source.name)
        if name == "apply_migrations":
            _add_migrations(package)
        if name == "show_api":
            shutil.copyfile(ROOT / "docs" / "openapi.json", package / "document.json")
        write_zip(Path(folder), target)
    require_at_most(function_limit(name), target)


def _add_migrations(package: Path) -> None:
    migrations = package / "migrations"
    migrations.mkdir()
    for source in (ROOT / "sql" / "migrations").glob("*.sql"):
        shutil.copyfile(source, migrations / source.name)


def main() -> None:
    """Build the function named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name")
    name = parser.parse_args().name
    build(name, function_zip(name))


if __name__ == "__main__":
    main()
