"""Look up known vulnerabilities of the packages we ship, build and test with.

Exit code 1 for known vulnerabilities; with --required also if no advisory service is available.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any

from common.paths import ROOT

REQUIREMENTS = [
    "layers/shared/requirements.txt",
    "layers/ffmpeg/requirements.txt",
    "requirements-dev.txt",
    "requirements-checkov.txt",
    "requirements-mutation.txt",
    "requirements-cfn-lint.txt",
    "requirements-replicate.txt",
]
# Two sources of the same advisories: PyPI serves those of OSV, but its mirrors mostly have packages only.
SERVICES = {"pypi": "PyPI", "osv": "osv.dev"}
SECONDS = 120  # for one file: at most 150 packages, one request each

type Package = dict[str, Any]
type Answer = tuple[list[Package], str]  # packages as pip-audit lists them, or the reason why there are none
type Ask = Callable[[str, str], Answer]


def main(arguments: Sequence[str], ask: Ask | None = None) -> int:
    """Query one service after the other until one knows the packages of every file."""
    reasons = []
    for service, title in SERVICES.items():
        packages, reason = _ask_all(service, ask or _ask)
        if not reason or any(package["vulns"] for package in packages):
            return _report(title, packages)
        reasons.append(f"{title}: {reason}")
    print(f"packages: no advisory service is available, nothing was checked ({'; '.join(reasons)})", file=sys.stderr)
    return 1 if "--required" in arguments else 0


def _ask_all(service: str, ask: Ask) -> Answer:
    """Query each file until one gets no answer; a package in several files counts once."""
    packages: dict[tuple[str, str], Package] = {}
    for path in REQUIREMENTS:
        listed, reason = ask(service, path)
        known = {(package["name"], package["version"]): package for package in listed if "skip_reason" not in package}
        packages |= known
        if not known:
            unknown = f"it knows none of the {len(listed)} packages of {path}, so it is a mirror without advisories"
            return list(packages.values()), reason or unknown
    return list(packages.values()), ""


def _ask(service: str, path: str) -> Answer:
    command = [sys.executable, "-m", "pip_audit", "--vulnerability-service", service, "--requirement", path]
    options = ["--format", "json", "--require-hashes", "--disable-pip", "--progress-spinner", "off"]
    try:
        done = subprocess.run(
            [*command, *options], cwd=ROOT, capture_output=True, text=True, check=False, timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        return [], f"no answer within {SECONDS} s"
    if done.stdout.startswith("{"):
        return json.loads(done.stdout)["dependencies"], ""
    lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    return [], lines[-1][:200] if lines else "no answer"


def _report(title: str, packages: list[Package]) -> int:
    found = [
        f"{package['name']} {package['version']}: {vulnerability['id']}, {_fix(vulnerability)}"
        for package in packages
        for vulnerability in package["vulns"]
    ]
    for line in found:
        print(f"packages: {line}", file=sys.stderr)
    if not found:
        print(f"packages: {title} has no advisory for any of {len(packages)} packages")
    return 1 if found else 0


def _fix(vulnerability: dict[str, Any]) -> str:
    fixed = ", ".join(vulnerability["fix_versions"])
    return f"fixed in {fixed}: run make lock UPGRADE=1" if fixed else "no fixed version yet"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
