"""Run checkov over both Terraform roots, with the modules as the roots call them. Nothing is asked of any server.

checkov itself ends with 0 where it could not read a file or find a module: here that is a failure too.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
CHECKOV = ROOT / ".venv-checkov" / "bin" / "checkov"
REPORT = ROOT / "build" / "checkov.json"
FRAMEWORKS = ("terraform", "secrets")
NOT_LOADED = "Unable to load module"  # checkov's warning for a module it left out


def main() -> int:
    """Check terraform/, or the folder named on the command line; returns the exit code."""
    folder = sys.argv[1] if len(sys.argv) > 1 else str(ROOT / "terraform")
    REPORT.parent.mkdir(exist_ok=True)
    options = ["--directory", folder, "--skip-download", "--compact", "--quiet", "--framework", *FRAMEWORKS]
    outputs = ["--output", "cli", "--output", "json", "--output-file-path", f"console,{REPORT}"]
    done = subprocess.run([CHECKOV, *options, *outputs], stderr=subprocess.PIPE, text=True, check=False)
    report = json.loads(REPORT.read_text())
    problems = unseen(report, done.stderr)
    if any(one["summary"]["parsing_errors"] for one in reports_of(report)):
        problems += unreadable(folder)
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if done.returncode or problems else 0


def reports_of(report: Any) -> list[Any]:
    """Return the reports of all frameworks that found something to look at; one framework's report stands alone."""
    return [one for one in (report if isinstance(report, list) else [report]) if "summary" in one]


def unseen(report: Any, warnings: str) -> list[str]:
    """Tell what checkov did not look at, from its report and what it warned of."""
    problems = [line for line in warnings.splitlines() if NOT_LOADED in line]
    if not any(one["summary"]["resource_count"] for one in reports_of(report)):
        problems.append("checkov found nothing to look at")
    return problems


def unreadable(folder: str) -> list[str]:
    """Run checkov again for the names of the files it cannot read, which --quiet leaves out."""
    options = ["--directory", folder, "--skip-download", "--framework", "terraform", "--output", "json"]
    done = subprocess.run([CHECKOV, *options], capture_output=True, text=True, check=False)
    found = [
        path for one in reports_of(json.loads(done.stdout)) for path in one.get("results", {}).get("parsing_errors", ())
    ]
    return [f"checkov cannot read {path}" for path in found] or ["checkov cannot read a file, and does not say which"]


if __name__ == "__main__":
    sys.exit(main())
