"""Run pip, and end with one line instead of a traceback if it fails (no index, mostly)."""

import subprocess
import sys


class PipFailed(SystemExit):
    """pip failed. The message is the build's last line."""


def run_pip(*arguments: str) -> None:
    """Run the pip of this interpreter. Raises PipFailed."""
    done = subprocess.run([sys.executable, "-m", "pip", *arguments], stderr=subprocess.PIPE, text=True, check=False)
    sys.stderr.write(done.stderr)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no message"])[-1].removeprefix("ERROR: ")
        raise PipFailed(f"pip {arguments[0]} failed: {reason} (check that this machine reaches the package index)")
