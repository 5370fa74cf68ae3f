"""Run pip; if it fails, end with one line instead of a traceback: often the package index cannot be reached."""

import subprocess
import sys


class PipFailed(SystemExit):
    """The build ends with this line."""


def run_pip(*arguments: str) -> None:
    """Run pip of this Python. Raises PipFailed."""
    done = subprocess.run([sys.executable, "-m", "pip", *arguments], stderr=subprocess.PIPE, text=True, check=False)
    sys.stderr.write(done.stderr)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no message"])[-1].removeprefix("ERROR: ")
        raise PipFailed(f"pip failed: {reason} (can this machine reach the package index?)")
