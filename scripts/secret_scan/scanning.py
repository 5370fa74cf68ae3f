"""Files to search and kinds of secrets. The value of a finding is never shown."""

import subprocess
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from detect_secrets.core.secrets_collection import SecretsCollection
from detect_secrets.plugins.base import BasePlugin
from detect_secrets.settings import transient_settings

from common.paths import ROOT

HERE = Path(__file__).parent
KNOWN = HERE / "known.toml"
# An address is no secret, and `password = …` is what tests are full of. What could slip into them, such as a token, has
# a form of its own and is looked for everywhere.
NOWHERE, NOT_IN_TESTS = {"IPPublicDetector"}, {"KeywordDetector"}
TESTS = ("tests/", "terraform/tests/", "terraform/bootstrap/tests/")
# Public certificates, hashes of packages and providers, what is composed of files that are searched themselves, and the
# list of what was looked at.
SKIPPED = ("*.pem", "*requirements*.txt", ".terraform.lock.hcl", "docs/openapi.json", KNOWN.name)
FILTERS = ("is_potential_uuid", "is_sequential_string", "is_templated_secret", "is_indirect_reference")


@dataclass(frozen=True, order=True)
class Finding:
    """A possible secret."""

    file: str
    line: int
    kind: str
    value: str = field(repr=False)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.kind}"


def files_of_the_repository() -> list[str]:
    """List the files that are committed, or would be by `git add --all`."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return [name for name in sorted(set(listed)) if name and (ROOT / name).is_file()]


def is_skipped(name: str) -> bool:
    """Return whether a file is exempt because it holds only false positives."""
    return any(Path(name).full_match(f"**/{pattern}") for pattern in SKIPPED)


def search(files: Iterable[str]) -> list[Finding]:
    """Search files, which are named from the root of the repository or absolutely."""
    kinds: dict[bool, list[str]] = {True: [], False: []}
    for name in files:
        kinds[name.startswith(TESTS)].append(name)
    ours, tests = _found(kinds[False], _detectors(NOWHERE)), _found(kinds[True], _detectors(NOWHERE | NOT_IN_TESTS))
    return sorted({*ours, *tests})


def known() -> dict[str, str]:
    """Read the reviewed false positives: values with their reasons."""
    return dict(tomllib.loads(KNOWN.read_text()))


def _detectors(without: set[str]) -> list[dict[str, str]]:
    mapping: Mapping[str, type[BasePlugin]] = get_mapping_from_secret_type_to_class()
    shipped = {detector.__name__ for detector in mapping.values()}
    get_mapping_from_secret_type_to_class.cache_clear()  # it was read without ours
    own = {"name": "KeysOfThisSystem", "path": f"file://{HERE / 'formats.py'}"}
    return [*({"name": name} for name in sorted(shipped - without)), own]


def _found(files: list[str], detectors: list[dict[str, str]]) -> Iterator[Finding]:
    if not files:
        return
    filters = [{"path": f"detect_secrets.filters.heuristic.{name}"} for name in FILTERS]
    with transient_settings({"plugins_used": detectors, "filters_used": filters}):
        secrets = SecretsCollection(root=str(ROOT))
        secrets.scan_files(*files)
    for file, secret in secrets:
        yield Finding(file, secret.line_number, secret.type, secret.secret_value or "")
