"""A callback's bytes, its signature, and the consequences of each attempt's outcome."""

import base64
import json
from datetime import timedelta
from decimal import Decimal

import pytest
from standardwebhooks import Webhook

from deliver_callback.flow import signed
from deliver_callback.sending import Outcome
from mediagen.jobs.job import Output
from mediagen.jobs.state import Status
from mediagen.jobs.view import view
from mediagen.records.callback_secrets import Secret
from mediagen.records.callbacks import LEASE
from mediagen.times import utc_now
from unit.conftest import Logged
from unit.deliver_callback.bench import CALLBACK_ID, SECRET, URL, Bench
from unit.samples import JOB_ID, NOW, job

FILE = Output("original", "images/u/2026/11/22/j/original.png", "image/png", 68, "0" * 64, 1, 1)
OK, FAILED = Outcome(200), Outcome(500)


def test_the_body_is_the_status_document_with_fresh_links() -> None:
    done = job(Status.COMPLETED, callback_url=URL, cost=Decimal("0.003"), outputs=(FILE,))
    made = Bench([OK], of=done)
    made.deliver()
    [sent] = made.sent
    shown = view(done.document(), now=NOW, sign=lambda key: f"https://bucket/{key}?signature=s", link_seconds=900)
    assert json.loads(sent.body) == json.loads(json.dumps(shown))
    assert (sent.url, sent.headers["Content-Type"]) == (URL, "application/json")
    assert "userId" not in json.loads(sent.body)


def test_standardwebhooks_verifies_what_is_sent() -> None:
    now = utc_now()
    body = json.dumps({"jobId": JOB_ID, "text": "Straße"}).encode()
    headers = signed(CALLBACK_ID, body, [SECRET], now=now)
    assert Webhook(SECRET.text).verify(body, headers) == json.loads(body)
    assert headers["webhook-id"] == CALLBACK_ID


def test_during_a_rotation_the_old_and_the_new_secret_both_verify_and_no_other_does() -> None:
    old, new, other = SECRET, Secret(bytes(32), NOW, None), Secret(b"x" * 32, NOW, None)
    headers = signed(CALLBACK_ID, b"{}", [new, old], now=utc_now())
    for secret in (old, new):
        Webhook(secret.text).verify(b"{}", headers)
    with pytest.raises(Exception, match="No matching signature"):
        Webhook(other.text).verify(b"{}", headers)
    assert len(headers["webhook-signature"].split(" ")) == 2


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_is_a_delivery(status: int, logged: Logged) -> None:
    made = Bench([Outcome(status)])
    made.deliver()
    assert (made.outbox.state, made.outbox.next_try_at, made.queue.sent) == ("delivered", None, [])
    [line] = logged()
    assert (line["action"], line["CallbacksDelivered"], line["metadata"]) == (
        "callback.delivered", 1, {"try": 1, "statusCode": status},
    )  # fmt: skip


@pytest.mark.parametrize(
    "outcome",
    [*(Outcome(status) for status in (100, 301, 302, 304, 307, 308, 400, 401, 404, 429, 500, 503)), Outcome(error="x")],
)
def test_any_other_or_no_answer_is_a_failed_attempt(outcome: Outcome) -> None:
    made = Bench([outcome])
    made.deliver()
    assert made.outbox.state == "pending"
    assert made.queue.sent == [({"jobId": JOB_ID}, 5)]
    [tried] = made.outbox.made
    assert (tried.number, tried.at, tried.duration_ms) == (1, NOW, 1000)
    assert (tried.status_code, tried.error) == (outcome.status_code, outcome.error)


def test_a_receiver_that_answers_gone_gets_no_retry(logged: Logged) -> None:
    made = Bench([Outcome(410)])
    made.deliver()
    assert (made.outbox.state, made.outbox.next_try_at, made.queue.sent) == ("failed", None, [])
    assert [(line["action"], line["CallbacksFailed"]) for line in logged()] == [("callback.failed", 1)]


def test_a_duplicate_message_sends_once(logged: Logged) -> None:
    made = Bench([OK])
    made.deliver()
    made.deliver()
    assert len(made.sent) == 1
    assert [line["action"] for line in logged()] == ["callback.delivered", "callback.not_due"]


def test_while_one_worker_sends_another_does_nothing() -> None:
    made = Bench([OK])
    made.outbox.claim(JOB_ID, now=NOW)
    made.deliver()
    assert made.sent == []
    made.now = NOW + LEASE  # the worker never returned
    made.deliver()
    assert [sent.headers["webhook-id"] for sent in made.sent] == [CALLBACK_ID]
    assert made.outbox.number == 2


def test_a_deleted_jobs_callback_is_neither_sent_nor_retried() -> None:
    made, gone = Bench([OK]), "0198c0de-0000-7000-8000-000000000009"
    made.deliver({"jobId": gone})
    assert (made.sent, made.outbox.ended, made.outbox.number) == ([], [gone], 0)


def test_a_next_attempt_that_cannot_be_queued_is_left_to_the_poller() -> None:
    made = Bench([FAILED])
    made.queue.is_away = True
    made.deliver()
    assert made.outbox.next_try_at == NOW + timedelta(seconds=6)


def test_a_secret_is_in_no_log_line_and_in_no_text_of_an_error(logged: Logged) -> None:
    made = Bench([FAILED])
    made.deliver()
    written = json.dumps(logged()) + repr(made.secrets)
    for told in (SECRET.text, base64.b64encode(SECRET.key).decode(), repr(SECRET.key), "hooks.example.com", "v1,"):
        assert told not in written
