from pathlib import Path

import pytest

from aws_requests.exceptions import FILE, STALE, load, without
from aws_requests.request import Finding, Request

LINE = "e2e,platform | model-enum | sqs.CreateQueue | DelaySeconds | the emulator's own request"


def finding(rule: str = "model-enum", operation: str = "CreateQueue", message: str = "DelaySeconds is 1") -> Finding:
    return Finding(rule, Request(3, "sqs", operation, {}, "root"), message, "source")


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    file = tmp_path / "exceptions.txt"
    file.write_text(f"# a comment\n\n{LINE}\n")
    return file


def test_an_accepted_finding_is_left_out(listed: Path) -> None:
    assert without([finding()], load(listed), whole=True) == []


@pytest.mark.parametrize(
    "other", [finding(rule="model-type"), finding(operation="SetQueueAttributes"), finding(message="Timeout is 1")]
)
def test_another_finding_stays(listed: Path, other: Finding) -> None:
    assert without([finding(), other], load(listed), whole=True) == [other]


def test_an_exception_that_matches_nothing_is_a_finding_of_a_whole_suite(listed: Path) -> None:
    [stale] = without([], load(listed), whole=True)
    assert (stale.rule, stale.request.name) == (STALE, "sqs.CreateQueue")
    assert LINE.partition(" | ")[2] in stale.message
    assert without([], load(listed), whole=False) == []


@pytest.mark.parametrize("line", [LINE.rpartition(" | ")[0], LINE.replace("the emulator's own request", ""), "x"])
def test_an_exception_without_a_reason_is_refused(tmp_path: Path, line: str) -> None:
    file = tmp_path / "exceptions.txt"
    file.write_text(line)
    with pytest.raises(ValueError, match=r"part of the message \| reason"):
        load(file)


def test_the_list_of_exceptions_is_readable_and_short() -> None:
    assert len(load(FILE)) <= 20
