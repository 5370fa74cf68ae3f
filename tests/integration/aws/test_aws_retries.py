"""Retries: which calls are repeated, how often, and when they stop, against a server with scripted answers."""

import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from integration.aws.scripted import BROKEN, CUT, DONE, REFUSED, SILENT, THROTTLED, Answer, Script, answering
from mediagen.aws.client import call
from mediagen.aws.credentials import Credentials
from mediagen.aws.errors import ANSWER_LOST, CONNECT_FAILED, DEADLINE_EXCEEDED, AwsError
from mediagen.aws.job_table import JobTable
from mediagen.aws.limits import INTERACTIVE, Limits
from mediagen.aws.media_bucket import MediaBucket
from mediagen.aws.settings import Aws


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def url(script: Script) -> Iterator[str]:
    with answering(script) as url:
        yield url


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def aws(url: str, pauses: list[float]) -> Aws:
    return Aws(
        "eu-west-1",
        lambda: Credentials("test", "test"),
        {"AWS_ENDPOINT_URL": url},
        sleep=pauses.append,
        jitter=lambda: 1.0,
    )


@pytest.mark.parametrize("failure", [THROTTLED, BROKEN, CUT], ids=["throttled", "broken", "cut"])
def test_a_call_is_repeated_after_a_failure_that_may_pass(
    aws: Aws, script: Script, failure: Answer, pauses: list[float]
) -> None:
    script.answers = [failure, failure, DONE]
    assert call(aws, "dynamodb", "GetItem", {"a": 1}) == {"done": True}
    assert script.bodies == [b'{"a":1}'] * 3
    assert pauses == [0.05, 0.1]


def test_a_pause_is_a_random_part_of_a_growing_bound(aws: Aws, script: Script, pauses: list[float]) -> None:
    script.answers = [THROTTLED]
    limits = replace(INTERACTIVE, attempts=8, deadline_seconds=60)
    with pytest.raises(AwsError):
        call(replace(aws, jitter=lambda: 0.5), "dynamodb", "GetItem", {}, limits=limits)
    assert pauses == [0.025, 0.05, 0.1, 0.2, 0.4, 0.5, 0.5]


def test_the_last_failure_is_raised_after_three_attempts(aws: Aws, script: Script) -> None:
    script.answers = [BROKEN, BROKEN, THROTTLED]
    with pytest.raises(AwsError) as caught:
        call(aws, "dynamodb", "GetItem", {})
    assert caught.value.is_throttled
    assert len(script.bodies) == 3


def test_a_refusal_is_not_repeated(aws: Aws, script: Script) -> None:
    script.answers = [REFUSED, DONE]
    with pytest.raises(AwsError) as caught:
        call(aws, "dynamodb", "PutItem", {})
    assert caught.value.is_conditional_check_failed
    assert len(script.bodies) == 1


@pytest.mark.parametrize("failure", [BROKEN, CUT], ids=["broken", "cut"])
def test_an_unsafe_call_is_not_repeated_when_it_may_have_been_done(aws: Aws, script: Script, failure: Answer) -> None:
    script.answers = [failure, DONE]
    with pytest.raises(AwsError):
        call(aws, "sqs", "SendMessage", {}, safe_to_repeat=False)
    assert len(script.bodies) == 1


def test_an_unsafe_call_is_repeated_when_it_was_throttled(aws: Aws, script: Script) -> None:
    script.answers = [THROTTLED, DONE]
    assert call(aws, "sqs", "SendMessage", {}, safe_to_repeat=False) == {"done": True}


def test_a_refused_connection_is_tried_again_and_then_named(aws: Aws, pauses: list[float]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    nobody = replace(aws, endpoints={"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"})
    with pytest.raises(AwsError) as caught:
        call(nobody, "sqs", "SendMessage", {}, safe_to_repeat=False)
    assert (caught.value.code, caught.value.status) == (CONNECT_FAILED, 0)
    assert caught.value.surely_not_done
    assert len(pauses) == 2


def test_an_answer_that_does_not_come_is_lost(aws: Aws, script: Script) -> None:
    script.answers = [SILENT, DONE]
    limits = Limits(connect_seconds=1, read_seconds=0.1, deadline_seconds=30)
    with pytest.raises(AwsError) as caught:
        call(aws, "sqs", "SendMessage", {}, limits=limits, safe_to_repeat=False)
    assert caught.value.code == ANSWER_LOST
    assert call(aws, "sqs", "SendMessage", {}) == {"done": True}


def test_no_attempt_outlives_the_deadline(aws: Aws, script: Script) -> None:
    script.answers = [SILENT]
    limits = Limits(connect_seconds=1, read_seconds=30, deadline_seconds=0.2, attempts=10)
    with pytest.raises(AwsError) as caught:
        call(aws, "dynamodb", "GetItem", {}, limits=limits)
    assert caught.value.code == DEADLINE_EXCEEDED
    assert len(script.bodies) == 1


def test_a_pause_that_would_pass_the_deadline_is_not_begun(aws: Aws, script: Script, pauses: list[float]) -> None:
    script.answers = [THROTTLED]
    limits = replace(INTERACTIVE, deadline_seconds=0.12, attempts=10)
    clock = iter(range(100))
    ticking = replace(aws, monotonic=lambda: next(clock) * 0.01)  # each reading of the clock advances it by 10 ms
    with pytest.raises(AwsError) as caught:
        call(ticking, "dynamodb", "GetItem", {}, limits=limits)
    assert caught.value.is_throttled
    assert pauses == [0.05]


def test_calls_one_after_the_other_share_a_connection(aws: Aws, script: Script) -> None:
    for _ in range(5):
        call(aws, "dynamodb", "GetItem", {})
    assert script.connections == 1


def test_keys_left_unprocessed_are_asked_for_again(aws: Aws, script: Script, pauses: list[float]) -> None:
    def batch(found: str, *left: str) -> Answer:
        keys = [{"jobId": {"S": job_id}, "timestamp": {"S": "t"}} for job_id in left]
        items = [{"jobId": {"S": found}, "revision": {"N": "7"}}]
        unprocessed = {"jobs": {"Keys": keys}} if keys else {}
        return 200, {"Responses": {"jobs": items}, "UnprocessedKeys": unprocessed}

    script.answers = [batch("a", "b", "c"), batch("b", "c"), batch("c")]
    revisions = JobTable(aws, "jobs").revisions([("a", "t"), ("b", "t"), ("c", "t")])
    assert revisions == {"a": 7, "b": 7, "c": 7}
    asked = [json.loads(body)["RequestItems"]["jobs"]["Keys"] for body in script.bodies]
    assert [[key["jobId"]["S"] for key in keys] for keys in asked] == [["a", "b", "c"], ["b", "c"], ["c"]]
    assert pauses == [0.05, 0.1]


def test_keys_that_stay_unprocessed_are_not_reported_as_missing(aws: Aws, script: Script) -> None:
    keys = [{"jobId": {"S": "a"}, "timestamp": {"S": "t"}}]
    script.answers = [(200, {"Responses": {}, "UnprocessedKeys": {"jobs": {"Keys": keys}}})]
    with pytest.raises(AwsError) as caught:
        JobTable(aws, "jobs").revisions([("a", "t")])
    assert caught.value.is_throttled


def test_a_file_is_sent_from_its_beginning_each_time(aws: Aws, script: Script, tmp_path: Path) -> None:
    content = b"media" * 100_000
    file = tmp_path / "file"
    file.write_bytes(content)
    script.answers = [BROKEN, CUT, DONE]
    MediaBucket(aws, "media").upload(file, "key", content_type="video/mp4", sha256="0" * 64)
    assert script.bodies == [content] * 3


def test_an_upload_stops_at_its_deadline(aws: Aws, script: Script, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x" * 10_000_000)
    clock = iter(range(1000))
    ticking = replace(aws, monotonic=lambda: float(next(clock)))  # each reading of the clock advances it by a second
    limits = Limits(connect_seconds=5, read_seconds=5, deadline_seconds=10)
    with pytest.raises(AwsError) as caught:
        MediaBucket(ticking, "media").upload(file, "key", content_type="video/mp4", sha256="0" * 64, limits=limits)
    assert caught.value.code == DEADLINE_EXCEEDED
