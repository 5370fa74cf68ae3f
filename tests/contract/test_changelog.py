"""CHANGELOG.md keeps the form of Keep a Changelog, one version with the package and the API, and every migration."""

import json
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "CHANGELOG.md").read_text()
VERSIONS = re.findall(r"^## (.+)$", TEXT, re.MULTILINE)


def test_unreleased_comes_first_and_each_version_has_its_date() -> None:
    assert VERSIONS[0] == "Unreleased"
    assert len(VERSIONS) > 1
    assert all(re.fullmatch(r"\d+\.\d+\.\d+ - \d{4}-\d\d-\d\d", version) for version in VERSIONS[1:])


def test_the_newest_version_is_that_of_the_package_and_of_the_api() -> None:
    newest = VERSIONS[1].partition(" ")[0]
    package = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    api = json.loads((ROOT / "docs/openapi.json").read_text())["info"]["version"]
    assert newest == package == api


def test_every_line_stands_below_the_kind_of_its_change() -> None:
    kinds = re.findall(r"^### (\w+)", TEXT, re.MULTILINE)
    known = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security", "Migrations", "Upgrading"}
    assert set(kinds) <= known
    above_kinds = [version.partition("\n### ")[0] for version in TEXT.split("\n## ")[1:]]
    tables = re.findall(r"^### Migrations\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL)
    assert not [line for text in above_kinds + tables for line in text.splitlines() if line.startswith("- ")]


def test_every_migration_is_listed_once() -> None:
    listed: list[str] = []
    for first, last in re.findall(r"^\| (\d{4})(?: to (\d{4}))? \|", TEXT, re.MULTILINE):
        listed += [f"{number:04d}" for number in range(int(first), int(last or first) + 1)]
    assert sorted(listed) == sorted(path.name[:4] for path in (ROOT / "sql/migrations").glob("*.sql"))
