"""Write docs/openapi.json and docs/errors.md, or with --check only compare: `make openapi`."""

import argparse
import sys

from api_document.sources import ROOT, documents


def main() -> int:
    """Write what is not current; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail if a document is not current, change nothing")
    check: bool = parser.parse_args().check
    wanted = {ROOT / "docs" / name: text for name, text in documents().items()}
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text() != text]
    for path in stale:
        if not check:
            path.write_text(wanted[path])
        print(f"docs/{path.name} {'is not current: make openapi' if check else 'written'}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
