"""Receiving a webhook."""

import base64
import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mediagen.aws.errors import AwsError
from mediagen.errors.refusals import InvalidRequest, InvalidSignature, TooManyFailures
from mediagen.http import edge
from mediagen.http.edge import Request, Response
from mediagen.replicate.webhook_signatures import sign
from receive_webhook.failures import MAX_SOURCES, WINDOW_SECONDS, Failures
from receive_webhook.flow import Ports, receive_webhook
from unit.conftest import Logged
from unit.samples import JOB_ID, NOW, REPLICATE_ID, Queue, prediction

SECRET = "whsec_" + base64.b64encode(b"k" * 24).decode()
OLD_SECRET = "whsec_" + base64.b64encode(b"o" * 24).decode()
DONE = prediction(completed_at="2026-11-22T16:59:58.123Z", output=["https://replicate.delivery/a.png"], logs="50%")


def request(body: Any, query: dict[str, str] | None = None, secret: str = SECRET, signed_at: datetime = NOW) -> Request:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    stamp = str(int(signed_at.timestamp()))
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{sign(secret, 'msg_1', stamp, raw)}",
    }
    return Request(headers, {}, {"jobId": JOB_ID} if query is None else query, raw, "", "r")


def take(made: Request, queue: Queue, failures: Failures | None = None) -> Response:
    ports = Ports(lambda: (SECRET, OLD_SECRET), queue, failures or Failures(9))
    return receive_webhook(made, now=NOW, ports=ports)


def forged(source: str = "192.0.2.1") -> Request:
    return replace(request(DONE, secret="whsec_" + base64.b64encode(b"x" * 24).decode()), source=source)


@pytest.mark.parametrize("secret", [SECRET, OLD_SECRET])
def test_a_final_result_is_queued_and_acknowledged(secret: str, logged: Logged) -> None:
    response = take(request(DONE, secret=secret), queue := Queue())
    assert (response.status, response.body) == (202, {"queued": True})
    [(message, delay)] = queue.sent
    assert (message["jobId"], message["prediction"]["id"], delay) == (JOB_ID, REPLICATE_ID, 0)
    assert message["prediction"]["output"] == DONE["output"]
    [line] = logged()
    assert (line["action"], line["jobId"], line["WebhookLatency"]) == ("webhook.received", JOB_ID, 2000)
    assert line["metadata"] == {"replicateId": REPLICATE_ID, "status": "succeeded"}
    assert "replicate.delivery" not in json.dumps(line)


@pytest.mark.parametrize("status", ["starting", "processing"])
def test_news_that_change_nothing_are_acknowledged_and_not_queued(status: str) -> None:
    response = take(request(prediction(status)), queue := Queue())
    assert (response.status, response.body, queue.sent) == (200, {"queued": False}, [])


@pytest.mark.parametrize("status", ["succeeded", "failed", "canceled", "aborted"])
def test_every_final_state_is_queued(status: str) -> None:
    take(request(prediction(status)), queue := Queue())
    assert len(queue.sent) == 1


@pytest.mark.parametrize(
    "made",
    [
        request(DONE, secret="whsec_" + base64.b64encode(b"x" * 24).decode()),
        request(DONE, signed_at=NOW - timedelta(seconds=301)),
        request(DONE, signed_at=NOW + timedelta(seconds=302)),
        Request({}, {}, {"jobId": JOB_ID}, json.dumps(DONE).encode(), "", "r"),
    ],
    ids=["forged", "stale", "from the future", "unsigned"],
)
def test_an_unsigned_or_old_webhook_is_refused_and_not_queued(made: Request) -> None:
    queue = Queue()
    with pytest.raises(InvalidSignature):
        take(made, queue)
    assert queue.sent == []


@pytest.mark.parametrize(
    "query", [{}, {"jobId": ""}, {"jobId": "019ab2c3-d4e5-7abc-8def-0123456789ab"}, {"jobid": JOB_ID}]
)
def test_a_url_that_differs_from_the_signed_one_is_refused(query: dict[str, str]) -> None:
    queue = Queue()
    with pytest.raises(InvalidSignature):
        take(request(DONE, query), queue)
    assert queue.sent == []


@pytest.mark.parametrize("webhook", [None, "https://other.example/hook", "https://[::1"])
def test_a_result_without_our_url_is_queued_without_a_job_id_whatever_the_query_says(webhook: object) -> None:
    take(request(DONE | {"webhook": webhook}), queue := Queue())
    assert [message["jobId"] for message, _ in queue.sent] == [None]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"null", b"[]", b"{}", b'{"id": 1, "status": "failed"}', b'{"id": "a"}', b"[" * 100_000]
)
def test_a_signed_body_that_is_no_prediction_is_refused(body: bytes) -> None:
    queue = Queue()
    with pytest.raises(InvalidRequest):
        take(request(body), queue)
    assert queue.sent == []


@pytest.mark.parametrize("completed_at", [None, "", "soon", 17, "2026-11-22T17:00:09.000Z"])
def test_a_strange_completion_time_does_not_stop_a_result(completed_at: object, logged: Logged) -> None:
    assert take(request(DONE | {"completed_at": completed_at}), queue := Queue()).status == 202
    assert len(queue.sent) == 1
    assert logged()[0].get("WebhookLatency") in (None, 0)


def test_after_too_many_wrong_signatures_an_address_gets_429() -> None:
    failures, said = Failures(3), Counter[int | None]()
    for _ in range(5):
        with pytest.raises((InvalidSignature, TooManyFailures)) as refused:
            take(forged(), Queue(), failures)
        said[refused.value.retry_after_seconds] += 1
    assert said == {None: 3, WINDOW_SECONDS - int(NOW.timestamp()) % WINDOW_SECONDS: 2}
    with pytest.raises(InvalidSignature):
        take(forged("198.51.100.7"), Queue(), failures)


def test_a_genuine_webhook_is_accepted_from_a_limited_address_and_not_counted() -> None:
    failures, queue = Failures(1), Queue()
    for _ in range(3):
        with pytest.raises((InvalidSignature, TooManyFailures)):
            take(forged(), Queue(), failures)
        assert take(replace(request(DONE), source="192.0.2.1"), queue, failures).status == 202
    assert len(queue.sent) == 3


def test_a_window_ends_and_its_counts_with_it() -> None:
    failures, start = Failures(1), datetime.fromtimestamp(900_000_000, UTC)
    waits = [failures.seconds_to_wait("a", start + timedelta(seconds=passed)) for passed in (0, 0, 299, 300, 301)]
    assert waits == [0, 300, 1, 0, 299]


def test_no_number_of_addresses_fills_the_memory() -> None:
    failures = Failures(1)
    for number in range(MAX_SOURCES + 5):
        assert failures.seconds_to_wait(str(number), NOW) == 0
    assert failures.seconds_to_wait(str(MAX_SOURCES + 4), NOW) > 0
    assert len(failures._counts) < MAX_SOURCES


def test_a_refusal_by_address_writes_no_log_line(logged: Logged) -> None:
    event = {"body": json.dumps(DONE), "headers": {}, "requestContext": {"http": {"sourceIp": "192.0.2.1"}}}
    failures = Failures(2)
    answers = [edge.http(event, lambda made: take(made, Queue(), failures)) for _ in range(5)]
    assert [answer["statusCode"] for answer in answers] == [401, 401, 429, 429, 429]
    assert len(logged()) == 2


@pytest.mark.parametrize("part", ["webhooks", "secrets"])
def test_a_webhook_that_cannot_be_verified_or_queued_is_not_acknowledged(logged: Logged, part: str) -> None:
    def secrets() -> list[str]:
        if part == "secrets":
            raise AwsError("ThrottlingException", 400, "Rate exceeded")
        return [SECRET]

    headers, query = dict(request(DONE).headers), {"jobId": JOB_ID}
    event = {"body": json.dumps(DONE), "headers": headers, "queryStringParameters": query}
    ports = Ports(secrets, Queue(is_away=True), Failures(9))
    answer: Any = edge.http(event, lambda made: receive_webhook(made, now=NOW, ports=ports))
    assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (503, "unavailable")
    assert answer["headers"]["Retry-After"] == "5"
    assert [line["metadata"]["part"] for line in logged() if line.get("Degraded") == 1] == [part]


def test_a_refused_webhook_is_logged_without_its_body(logged: Logged) -> None:
    event = {"body": json.dumps(DONE), "headers": {}, "queryStringParameters": {"jobId": JOB_ID}}
    assert edge.http(event, lambda made: take(made, Queue()))["statusCode"] == 401
    text = json.dumps(logged())
    assert "invalid_signature" in text
    assert REPLICATE_ID not in text
    assert "replicate.delivery" not in text
