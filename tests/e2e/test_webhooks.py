"""The webhook route is public: it queues only what Replicate signed, recently and for this URL."""

import json

import pytest
from redis import Redis

from e2e.parts import IMAGE, Platform, until
from e2e.webhooks import prediction, signed
from mediagen.jobs.ids import new_job_id
from mediagen.times import utc_now


@pytest.fixture
def body() -> bytes:
    return json.dumps(prediction(new_job_id(utc_now()))).encode()


def job_of(body: bytes) -> str:
    return str(json.loads(body)["webhook"].rpartition("=")[2])


def refused(platform: Platform, body: bytes, headers: dict[str, str], query: str | None = None) -> None:
    """Check that a webhook is refused and not processed, although a later webhook has been processed."""
    response = platform.webhook(body, headers, f"?jobId={job_of(body)}" if query is None else query)
    assert response.status == 401
    assert response.json()["code"] == "invalid_signature"
    acknowledged(platform, json.dumps(prediction(new_job_id(utc_now()))).encode())
    assert job_of(body) not in platform.log_text("process_webhook")


def acknowledged(platform: Platform, body: bytes) -> None:
    """Check that a genuine webhook of an unknown job is accepted and processed."""
    job_id = job_of(body)
    response = platform.webhook(body, signed(platform.environment.webhook_secret, body), f"?jobId={job_id}")
    assert 200 <= response.status < 300

    def told() -> bool:
        lines = platform.log("process_webhook")
        return any(line["action"] == "webhook.unknown_job" and line["jobId"] == job_id for line in lines)

    until(told, "the unknown job is logged")


def test_an_unsigned_webhook_is_refused(platform: Platform, body: bytes) -> None:
    refused(platform, body, {})


def test_a_forged_webhook_is_refused(platform: Platform, body: bytes) -> None:
    refused(platform, body, signed("whsec_" + "A" * 32, body))


def test_a_tampered_webhook_is_refused(platform: Platform, body: bytes) -> None:
    secret = platform.environment.webhook_secret
    refused(platform, body.replace(b"succeeded", b"canceled"), signed(secret, body))


def test_a_webhook_replayed_later_is_refused(platform: Platform, body: bytes) -> None:
    refused(platform, body, signed(platform.environment.webhook_secret, body, age_seconds=301))


def test_a_webhook_for_another_jobs_url_is_refused(platform: Platform, body: bytes) -> None:
    headers = signed(platform.environment.webhook_secret, body)
    refused(platform, body, headers, f"?jobId={new_job_id(utc_now())}")


def test_a_webhook_for_an_unknown_job_is_acknowledged_without_effect(platform: Platform, body: bytes) -> None:
    acknowledged(platform, body)
    assert platform.sql("SELECT count(*) FROM jobs WHERE id = :id", id=job_of(body)) == [[0]]
    assert platform.messages("webhooks_dead_letters") == 0


def test_a_webhook_sent_as_another_content_type_is_verified_on_its_raw_bytes(platform: Platform) -> None:
    body = json.dumps(prediction(new_job_id(utc_now())), ensure_ascii=False).encode()
    headers = signed(platform.environment.webhook_secret, body) | {"content-type": "application/octet-stream"}
    response = platform.webhook(body, headers, f"?jobId={job_of(body)}")
    assert 200 <= response.status < 300


@pytest.mark.parametrize("content", [b"[]", b"{}", b"null", b"not json", b'{"id": 1, "status": 2}'])
def test_a_signed_body_that_is_no_prediction_is_400(platform: Platform, content: bytes) -> None:
    response = platform.webhook(content, signed(platform.environment.webhook_secret, content))
    assert (response.status, response.json()["code"]) == (400, "invalid_request")


@pytest.mark.parametrize("marker", ["webhook-forged", "webhook-tampered", "webhook-stale"])
def test_a_bad_webhook_of_a_real_job_changes_nothing_and_the_poller_completes_it(
    platform: Platform, marker: str
) -> None:
    job_id = platform.start(IMAGE | {"prompt": f"[[fault:{marker}]]"})

    platform.completed_by_poller(job_id)


def test_a_late_webhook_does_not_reopen_a_finished_job(platform: Platform) -> None:
    document = platform.generate(IMAGE)
    job_id = document["jobId"]
    [[replicate_id]] = platform.sql("SELECT replicate_id FROM jobs WHERE id = :id", id=job_id)
    late = json.dumps(prediction(job_id, id=replicate_id, status="failed", error="late")).encode()
    mark = f"webhook:processed:{replicate_id}"
    with Redis.from_url(platform.environment.url("redis")) as redis:
        until(lambda: redis.delete(mark), "the first webhook is done with")  # only the job itself knows
        response = platform.webhook(late, signed(platform.environment.webhook_secret, late), f"?jobId={job_id}")
        assert 200 <= response.status < 300
    until(lambda: platform.messages("webhooks") == 0, "the late webhook is done with")
    assert platform.status(job_id)["status"] == "completed"
    assert platform.events(job_id)[-1] == "completed"
