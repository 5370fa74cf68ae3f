"""Check a recording: `python -m aws_requests FILE [SUITE]`. The exit code is 1 if a request is against AWS's rules."""

import sys
from pathlib import Path

from aws_requests.check import check


def main(arguments: list[str]) -> int:
    """Print the findings of the check."""
    file, *suite = arguments
    checked = check([Path(file)], suite[0] if suite else "up")
    print(checked)
    return 1 if checked.findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
