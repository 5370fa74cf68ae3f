"""Job flows that leave the direct way: the queue, the webhooks, the poller."""

import pytest
import urllib3
from redis import Redis

from e2e.parts import IMAGE, Platform, until


@pytest.mark.parametrize("marker", ["429 retry_after=1 times=1", "cut-before-accept times=1"])
def test_a_throttled_or_lost_submission_ends_in_one_paid_generation(platform: Platform, marker: str) -> None:
    job_id = platform.start(IMAGE | {"prompt": f"[[fault:{marker}]]"})
    if platform.status(job_id)["status"] == "submitting":  # the poller resubmits it after two observations
        platform.poll_overdue(job_id)
        platform.poll_overdue(job_id)
    assert platform.finished(job_id)["status"] == "completed"
    assert platform.predictions_of(job_id) == 1
    assert platform.events(job_id)[-1] == "completed"


def test_a_throttled_job_goes_through_the_submissions_queue(platform: Platform) -> None:
    document = platform.with_fault("429 retry_after=1 times=1")
    assert document["status"] == "completed"
    states = ["queued", "submitting", "queued", "submitting", "processing", "completed"]
    assert platform.events(document["jobId"]) == states


def test_an_answer_lost_after_acceptance_is_settled_by_the_webhook(platform: Platform) -> None:
    document = platform.with_fault("cut-after-accept")
    assert document["status"] == "completed"
    assert platform.predictions_of(document["jobId"]) == 1


def test_an_answer_lost_after_acceptance_is_settled_by_the_poller_when_no_webhook_comes(platform: Platform) -> None:
    job_id = platform.start(IMAGE | {"prompt": "[[fault:cut-after-accept]] [[fault:webhook-missing]]"})
    assert platform.status(job_id)["status"] == "submitting"

    platform.completed_by_poller(job_id)
    assert platform.predictions_of(job_id) == 1


def test_a_status_only_in_postgresql_is_answered_and_backfilled(platform: Platform) -> None:
    document = platform.generate(IMAGE)
    job_id = document["jobId"]
    table = platform.environment.outputs["job_table"]
    dynamodb = platform.deployer.aws.client("dynamodb")
    key = {"jobId": {"S": job_id}, "timestamp": {"S": document["createdAt"]}}
    dynamodb.delete_item(TableName=table, Key=key)
    with Redis.from_url(platform.environment.url("redis")) as redis:
        redis.delete(f"job:status:{job_id}")
    assert platform.status(job_id)["status"] == "completed"
    assert dynamodb.get_item(TableName=table, Key=key)["Item"]["status"] == {"S": "completed"}


def test_the_poller_completes_a_job_without_a_webhook(platform: Platform) -> None:
    job_id = platform.start(IMAGE | {"prompt": "[[fault:webhook-missing]]"})

    platform.completed_by_poller(job_id)
    assert platform.events(job_id) == ["queued", "submitting", "processing", "completed"]


@pytest.mark.parametrize("marker", ["webhook-duplicate count=3", "webhook-reordered", "webhook-many-signatures"])
def test_duplicate_and_reordered_webhooks_complete_a_job_once(platform: Platform, marker: str) -> None:
    document = platform.with_fault(marker)
    assert document["status"] == "completed"
    until(lambda: platform.messages("webhooks") == 0, "the webhooks queue is empty")
    assert platform.events(document["jobId"]).count("completed") == 1


def test_the_schedule_calls_the_poller_by_its_alias(platform: Platform) -> None:
    events = platform.deployer.aws.client("events")
    prefix = platform.environment.outputs["function_names"]["check_replicate_status"]
    [rule] = [rule for rule in events.list_rules()["Rules"] if rule["Name"] == prefix]
    [target] = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
    assert rule["ScheduleExpression"] == "rate(5 minutes)"
    assert rule["State"] == "ENABLED"
    assert target["Arn"].endswith(f":{prefix}:live")


@pytest.mark.parametrize(
    ("marker", "status", "code", "retryable"),
    [
        ("failed", "failed", "generation_failed", True),
        ("nsfw", "failed", "content_refused", False),
        ("out-of-memory", "failed", "out_of_memory", False),
        ("aborted", "failed", "deadline_exceeded", True),
        ("output-null", "failed", "no_output", True),
        ("output-foreign-host", "failed", "output_host_refused", False),
        ("output-private-address", "failed", "output_host_refused", False),
        ("output-redirect-private", "failed", "output_host_refused", False),
        ("output-redirect-foreign", "failed", "output_host_refused", False),
        ("output-blob megabytes=501", "failed", "output_too_large", False),
        ("output-html", "failed", "output_not_media", False),
        ("output-gone", "failed", "media_expired", True),
        ("422", "failed", "invalid_params", False),
        ("404", "failed", "model_unavailable", True),
    ],
)
def test_a_job_that_cannot_complete_fails_with_a_code_a_client_can_act_on(
    platform: Platform, marker: str, status: str, code: str, retryable: bool
) -> None:
    response = platform.client.post("/generate-media", IMAGE | {"prompt": f"[[fault:{marker}]]"})
    document = platform.finished(response.json()["jobId"])
    assert (document["status"], document["error"]["code"]) == (status, code)
    assert document["error"]["retryable"] is retryable
    assert document["outputs"] == []


@pytest.mark.parametrize("marker", ["output-object", "output-object-list", "output-data-uri", "output-octet-stream"])
def test_every_shape_of_output_is_understood(platform: Platform, marker: str) -> None:
    document = platform.with_fault(marker)
    assert document["status"] == "completed"
    assert document["outputs"][0]["contentType"].startswith("image/")


def test_a_text_is_kept_as_an_attachment(platform: Platform) -> None:
    document = platform.with_fault("output-text")
    assert [output["contentType"] for output in document["outputs"]] == [
        "text/plain; charset=utf-8",
        "application/json",
    ]
    served = urllib3.request("GET", document["outputs"][0]["url"])
    assert served.headers["Content-Disposition"] == 'attachment; filename="output.txt"'
    assert served.data == b"a short story"


def test_a_generation_canceled_at_replicate_is_canceled_here(platform: Platform) -> None:
    assert platform.with_fault("canceled")["status"] == "canceled"


def test_a_file_that_is_cut_short_is_fetched_again(platform: Platform) -> None:
    platform.control("POST", "faults", {"fault": "status", "status": 503, "on": "file", "times": 1})
    document = platform.generate(IMAGE)
    assert document["status"] == "completed"
    received = [line for line in platform.log("process_webhook") if line["action"] == "unexpected_error"]
    assert any("OutputUnavailable" in line["error"] for line in received)
