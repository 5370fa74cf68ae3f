"""Deletion and retry over HTTP: no store keeps anything of a deleted job, and other users' jobs are unreachable."""

import json
from typing import Any

from redis import Redis

from common.api import ApiClient, Response
from e2e.parts import IMAGE, Platform
from e2e.roles import client

NOTES = {"order": "4711", "vip": True}
SECRET = "a lighthouse nobody may know of"


def delete(platform: Platform, job_id: str) -> Response:
    return platform.client.request("DELETE", f"/jobs/{job_id}")


def versions(platform: Platform, job_id: str) -> list[str]:
    """List all versions of a job's objects."""
    bucket = platform.environment.outputs["media_bucket"]
    pages = client(platform, "s3").get_paginator("list_object_versions").paginate(Bucket=bucket)
    return [one["Key"] for page in pages for one in page.get("Versions", []) if job_id in one["Key"]]


def item(platform: Platform, document: dict[str, Any]) -> dict[str, Any]:
    """Return a job's item in the job table."""
    key = {"jobId": {"S": document["jobId"]}, "timestamp": {"S": document["createdAt"]}}
    table = platform.environment.outputs["job_table"]
    found: dict[str, Any] = client(platform, "dynamodb").get_item(TableName=table, Key=key).get("Item", {})
    return found


def test_only_the_accounting_of_a_deleted_job_is_kept(platform: Platform, another_user: ApiClient) -> None:
    done = platform.generate(IMAGE | {"prompt": SECRET, "metadata": NOTES})
    job_id, link = done["jobId"], done["outputs"][0]["url"]
    assert done["metadata"] == NOTES
    assert len(versions(platform, job_id)) == len(done["outputs"])
    assert platform.client.get(link).status == 200
    for action in ("DELETE", "POST"):
        path = f"/jobs/{job_id}" + ("/retry" if action == "POST" else "")
        refused = another_user.request(action, path)
        assert (refused.status, refused.json()["code"]) == (404, "job_not_found")
    answer = delete(platform, job_id)
    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["x-request-id"]
    assert delete(platform, job_id).status == 204
    assert versions(platform, job_id) == []
    assert platform.client.get(link).status == 404
    for _ in ("from the cache", "from the job table"):
        assert platform.client.get(f"/status/{job_id}").status == 404
        with Redis.from_url(platform.environment.url("redis")) as redis:
            redis.delete(f"job:status:{job_id}")
    assert set(item(platform, done)) == {"jobId", "timestamp", "revision", "deleted", "expiresAt"}
    assert job_id not in [job["jobId"] for job in platform.client.get("/jobs?limit=100").json()["jobs"]]
    [[row]] = platform.sql("SELECT to_jsonb(jobs) FROM jobs WHERE id = :id", id=job_id)
    assert (row["status"], row["cost"]) == ("completed", done["cost"])
    history = platform.sql("SELECT details FROM job_events WHERE job_id = :id", id=job_id)
    told = json.dumps([row, history])
    assert SECRET not in told and "4711" not in told


def test_a_running_job_is_canceled_before_it_is_deleted(platform: Platform) -> None:
    job_id = platform.start(IMAGE | {"prompt": "[[fault:never-finishes]]", "deadlineSeconds": 600})
    refused = delete(platform, job_id)
    assert (refused.status, refused.json()["code"]) == (409, "job_running")
    assert platform.client.post(f"/jobs/{job_id}/cancel", b"").status == 200
    assert delete(platform, job_id).status == 204


def test_the_poller_finishes_a_deletion_that_was_cut_short(platform: Platform) -> None:
    job_id = platform.generate(IMAGE)["jobId"]
    platform.sql(
        "UPDATE jobs SET deleted_at = now(), erase_at = now(), revision = revision + 1 WHERE id = :id", id=job_id
    )
    platform.deployer.poll()
    assert versions(platform, job_id) == []
    assert platform.client.get(f"/status/{job_id}").status == 404


def test_a_failed_job_is_retried_with_its_notes_and_its_deadline(platform: Platform) -> None:
    failed = platform.generate(IMAGE | {"prompt": "[[fault:failed]]", "metadata": NOTES, "deadlineSeconds": 600})
    answer = platform.client.post(f"/jobs/{failed['jobId']}/retry", b"")
    assert answer.status == 202, answer.body
    again = platform.finished(answer.json()["jobId"])
    assert (again["retryOf"], again["metadata"], again["status"]) == (failed["jobId"], NOTES, "failed")
    assert failed["retryOf"] is None
