"""Each rule finds its planted mistakes, and accepts the valid recording."""

import pytest

from aws_requests.request import Request
from aws_requests.rules import RULES
from aws_requests.rules.checks import Check
from unit.aws_requests.planted import PLANTED
from unit.aws_requests.planted.planting import Planted, recorded

NAMES = {rule.name for rule in RULES if isinstance(rule, Check)}


def found(recording: list[Request] | tuple[Request, ...]) -> set[str]:
    return {finding.rule for rule in RULES for finding in rule(recording)}


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.name)
def test_a_planted_mistake_is_found(planted: Planted) -> None:
    findings = found(list(planted.mistaken))
    assert planted.rule in findings if planted.rule else not findings


def test_valid_recordings_pass() -> None:
    valid = {id(planted.valid): planted.valid for planted in PLANTED}
    findings = [str(finding) for recording in valid.values() for rule in RULES for finding in rule(recording)]
    assert findings == []


def test_every_rule_finds_a_planted_mistake() -> None:
    assert NAMES - {planted.rule for planted in PLANTED} == set()


def test_names_of_rules_and_of_planted_mistakes_are_unique() -> None:
    assert len(NAMES) == len(RULES)
    assert len({planted.name for planted in PLANTED}) == len(PLANTED)


def test_at_least_95_percent_of_the_planted_mistakes_are_found() -> None:
    share = sum(bool(found(list(planted.mistaken))) for planted in PLANTED) / len(PLANTED)
    print(f"{share:.1%} of {len(PLANTED)} planted mistakes are found by {len(RULES)} rules")
    assert share >= 0.95


def test_a_member_of_the_wrong_type_is_reported_by_the_rule_that_reads_it() -> None:
    recording = recorded(
        ("lambda.CreateFunction", {"FunctionName": "n" * 65, "Runtime": "a", "Handler": "b", "Timeout": "60"})
    )
    messages = {finding.rule: finding.message for rule in RULES for finding in rule(recording)}
    assert messages.keys() == {"functions.name_length", "functions.sizes"}
    assert messages["functions.sizes"] == "a member is missing or of the wrong type: TypeError"
