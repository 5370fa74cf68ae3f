"""Search the repository, or the files that are named, for secrets. Exit code 0 only if there is none."""

import sys
from collections.abc import Sequence

from common.paths import ROOT
from secret_scan.scanning import KNOWN, files_of_the_repository, is_skipped, known, search

NAME = KNOWN.relative_to(ROOT)
ADVICE = f"Remove a secret from the file, and rotate it if it was ever committed. List a false positive in {NAME}."


def main(named: Sequence[str]) -> int:
    """Search, and print findings and outdated exceptions."""
    files = [name for name in (named or files_of_the_repository()) if not is_skipped(name)]
    found, looked_at = search(files), known()
    new = [finding for finding in found if finding.value not in looked_at]
    # An exception that no longer matches must go; a list that only grows would allow too much.
    stale = [] if named else sorted(looked_at.keys() - {finding.value for finding in found})
    for line in (*new, *(f"{NAME}: {value!r} no longer occurs: remove the entry" for value in stale)):
        print(f"secrets: {line}", file=sys.stderr)
    if new:
        print(ADVICE, file=sys.stderr)
    if not new and not stale:
        print(f"secrets: none in {len(files)} files ({len(looked_at)} known false positives)")
    return 1 if new or stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
