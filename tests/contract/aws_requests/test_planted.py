"""Each planted mistake is found by its source: AWS's models, CloudFormation's schemas, or the hand-written rules."""

from collections.abc import Iterable, Sequence
from functools import cache

import pytest

from aws_requests import models, schemas
from aws_requests.check import BROKEN, apply_rule
from aws_requests.request import Request
from aws_requests.rules import RULES
from contract.aws_requests.planted_for_models import PLANTED as FOR_MODELS
from unit.aws_requests.planted import PLANTED as FOR_RULES
from unit.aws_requests.planted.planting import Planted

pytestmark = pytest.mark.slow

GOAL = 0.95
EVERY = [*FOR_MODELS, *FOR_RULES]


def changed(planted: Planted) -> list[tuple[Request, Request]]:
    """Pair mistaken requests with valid ones; an added request is paired with the first valid one."""
    if len(planted.valid) == len(planted.mistaken):
        pairs = zip(planted.valid, planted.mistaken, strict=True)
        return [(valid, mistaken) for valid, mistaken in pairs if valid.parameters != mistaken.parameters]
    valid = [one.parameters for one in planted.valid]
    return [(planted.valid[0], one) for one in planted.mistaken if one.parameters not in valid]


def by_models(planted: Planted) -> bool:
    return any(found(models.check(mistaken)) - found(models.check(valid)) for valid, mistaken in changed(planted))


def found(findings: Iterable[object]) -> set[str]:
    return {str(finding) for finding in findings}


@cache
def by_schemas() -> dict[str, bool]:
    """Check all mistaken requests in one run and the valid ones in another, because cfn-lint takes seconds to start.

    In one run with its valid original, a mistaken subnet would overlap with it.
    """
    mistaken = messages(mistaken for planted in EVERY for _, mistaken in changed(planted))
    valid = messages(valid for planted in EVERY for valid, _ in changed(planted))
    return {
        planted.name: any(
            mistaken.get(id(after), set()) - valid.get(id(before), set()) for before, after in changed(planted)
        )
        for planted in EVERY
    }


def messages(requests: Iterable[Request]) -> dict[int, set[str]]:
    """Return the schemas' findings for each request."""
    resources, findings = schemas.translate(requests)
    by_request: dict[int, set[str]] = {}
    for finding in [*findings, *schemas.lint(resources)]:
        by_request.setdefault(id(finding.request), set()).add(finding.message)
    return by_request


def by_rules(planted: Planted) -> bool:
    return bool(rules_found(planted.mistaken) - rules_found(planted.valid))


def rules_found(recording: Sequence[Request]) -> set[str]:
    findings = [finding for rule in RULES for finding in apply_rule(rule, recording)]
    return {str(finding) for finding in findings if finding.rule != BROKEN}


@pytest.mark.parametrize("planted", FOR_MODELS, ids=lambda planted: planted.name)
def test_the_named_source_finds_the_mistake(planted: Planted) -> None:
    assert by_models(planted) if planted.rule == "models" else by_schemas()[planted.name]


def test_both_accept_the_valid_requests() -> None:
    valid = list({id(one): one for planted in FOR_MODELS for one in planted.valid}.values())
    assert [str(finding) for one in valid for finding in models.check(one)] == []
    assert [str(finding) for finding in schemas.check(valid)] == []


def test_every_planted_mistake_has_a_name_of_its_own() -> None:
    assert len({planted.name for planted in EVERY}) == len(EVERY)


def test_at_least_95_percent_are_found() -> None:
    sources = {
        "models": {planted.name for planted in EVERY if by_models(planted)},
        "schemas": {name for name, is_found in by_schemas().items() if is_found},
        "rules": {planted.name for planted in EVERY if by_rules(planted)},
    }
    together = set().union(*sources.values())
    missed = {planted.name for planted in EVERY} - together
    shares = ", ".join(f"{name} {len(names)}" for name, names in sources.items())
    print(f"Of {len(EVERY)} planted mistakes find: {shares}, all {len(together)}; missed: {sorted(missed)}")
    assert len(together) / len(EVERY) >= GOAL
