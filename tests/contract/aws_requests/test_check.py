"""A recording with a mistake fails its run; the message names rule, request, mistake and source."""

import json
from pathlib import Path

import pytest

from aws_requests import check, schemas
from aws_requests.recording import LARGEST_BODY, Body, Exchange, Writer, read
from aws_requests.request import Finding, Request
from aws_rules import AgainstAwsRules, check_recordings
from contract.aws_requests.exchanges import exchange

pytestmark = pytest.mark.slow


def recording(folder: Path, *exchanges: Exchange) -> Path:
    writer = Writer(folder / "requests.jsonl")
    for one in exchanges:
        writer.write(one)
    writer.close()
    return folder / "requests.jsonl"


def queue(name: str) -> Exchange:
    return exchange("sqs", lambda sqs: sqs.create_queue(QueueName=name), b'{"QueueUrl": "http://localhost/1/q"}')


def test_a_valid_recording_passes(tmp_path: Path) -> None:
    checked = check.check([recording(tmp_path, queue("work"))], "e2e")
    assert (checked.findings, checked.requests, checked.operations) == ([], 1, 1)


def test_a_mistake_fails_the_fixture_with_the_list(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    file = recording(tmp_path, queue("work"), queue("work.v2"), queue("work.v2"))
    with pytest.raises(AgainstAwsRules) as raised:
        check_recordings("e2e", request.session, file)
    message = str(raised.value)
    assert "queues.name_syntax: request 2 (sqs.CreateQueue): " in message
    assert "https://docs.aws.amazon.com/" in message
    assert "(and 1 more requests)" in message


def test_resources_that_differ_in_a_random_name_are_linted_once_and_each_has_its_finding() -> None:
    names = ("test-0123456789ab", "test-ba9876543210", "test-0123456789abc", "work")
    given = [*((name, "-1") for name in names), (names[0], "30")]
    requests = [Request(number, "sqs", "CreateQueue", queue_of(*one), "root") for number, one in enumerate(given)]
    resources, _ = schemas.translate(requests)
    assert [[one.request.number for one in group] for group in schemas.alike(resources)] == [[0, 1], [2], [3], [4]]
    assert sorted(finding.request.number for finding in schemas.lint(resources)) == [0, 1, 2, 3]


def queue_of(name: str, visibility_seconds: str) -> dict[str, object]:
    return {"QueueName": name, "Attributes": {"VisibilityTimeout": visibility_seconds}}


def test_a_rule_that_fails_is_a_finding() -> None:
    def broken(requests: object) -> list[Finding]:
        raise KeyError("x")

    [finding] = check.apply_rule(broken, [Request(1, "sqs", "CreateQueue", {}, "root")])
    assert (finding.rule, finding.message) == (check.BROKEN, "the rule fails: KeyError 'x'")


def test_a_recording_gives_back_what_was_written(tmp_path: Path) -> None:
    written = queue("work")
    assert list(read(recording(tmp_path, written))) == [written]


def test_of_a_large_body_only_length_and_hash_are_kept() -> None:
    body = Body.of([b"x" * LARGEST_BODY, b"y"])
    assert (body.content, body.length, body.complete) == (b"", LARGEST_BODY + 1, False)
    assert Body.of([b"a", b"b"]) == Body.of([b"ab"])


def test_half_a_line_at_the_end_is_left_out(tmp_path: Path) -> None:
    file = recording(tmp_path, queue("work"))
    file.write_bytes(file.read_bytes() + json.dumps({"started": 1}).encode()[:5])
    assert len(list(read(file))) == 1
