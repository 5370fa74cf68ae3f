"""Check created resources against CloudFormation's schemas with cfn-lint, in a separate virtual environment."""

import json
import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from aws_requests.request import Finding, Request
from aws_requests.resource_table import TABLE
from aws_requests.resources import Mapped, Resource, resource_of, unmapped

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-cfn-lint" / "bin" / "python"
PROGRAM = Path(__file__).with_name("cfn_lint_program.py")
MAKE_IT = "make .venv-cfn-lint/installed"
# A hundred different resources take about 3 s.
LONGEST_SECONDS = 300
UNTRANSLATED = "untranslated"
# The random part of a name. No schema tells twelve hexadecimal digits from twelve others.
RANDOM = re.compile(r"(?<=-)[0-9a-f]{12}(?![0-9a-z])")


def check(requests: Sequence[Request]) -> Iterator[Finding]:
    """Find violations of the schemas, and requests that cannot be translated to a resource."""
    accepted = [one for one in requests if one.status < 300]
    for request in _first_of_each(accepted, unmapped(accepted, TABLE)):
        message = "no resource is made of this operation: add a line to resource_table.py"
        yield Finding(UNTRANSLATED, request, message, "resource_table.py")
    resources, findings = translate(accepted)
    yield from findings
    yield from lint(resources)


def translate(requests: Iterable[Request]) -> tuple[list[Resource], list[Finding]]:
    """Make resources of the requests that create or change one, and findings of those that lack what they need."""
    resources, findings = [], []
    for request in requests:
        mapped = TABLE.get(request.name)
        if not isinstance(mapped, Mapped):
            continue
        try:
            resources.append(resource_of(request, mapped))
        except (LookupError, TypeError, ValueError) as error:
            message = f"no {mapped.type} can be made of it: {type(error).__name__} {error}"
            findings.append(Finding(UNTRANSLATED, request, message, "reshape.py"))
    return resources, findings


def lint(resources: Sequence[Resource]) -> Iterator[Finding]:
    """Run cfn-lint once for each kind of resource; what it finds holds for every resource alike."""
    if not resources:
        return
    if not PYTHON.exists():
        raise FileNotFoundError(f"cfn-lint is not installed: {MAKE_IT}")
    groups = alike(resources)
    given = [
        {"id": f"R{index}", "type": first.type, "members": first.members, "partial": first.change}
        for index, (first, *_) in enumerate(groups)
    ]
    done = subprocess.run(
        [PYTHON, PROGRAM], input=json.dumps(given), capture_output=True, text=True, timeout=LONGEST_SECONDS, check=True
    )
    answer = json.loads(done.stdout)
    for found in answer["findings"]:
        for resource in groups[int(found["id"][1:])]:
            yield _finding(resource, found["rule"], found["message"])
    for name, paths in answer["unknown"].items():
        for resource in groups[int(name[1:])]:
            for path in paths:
                yield _finding(resource, UNTRANSLATED, f"{path} is not a property of {resource.type}")


def alike(resources: Iterable[Resource]) -> list[list[Resource]]:
    """Group resources that differ in nothing but the random part of a name."""
    groups: dict[str, list[Resource]] = {}
    for resource in resources:
        whole = json.dumps([resource.type, resource.members, resource.change], sort_keys=True)
        groups.setdefault(RANDOM.sub("0" * 12, whole), []).append(resource)
    return list(groups.values())


def _finding(resource: Resource, rule: str, message: str) -> Finding:
    return Finding(f"cfn-lint-{rule}", resource.request, message[:400], f"{resource.type} (cfn-lint {rule})")


def _first_of_each(requests: Iterable[Request], names: set[str]) -> Iterator[Request]:
    for request in requests:
        if request.name in names:
            names.discard(request.name)
            yield request
