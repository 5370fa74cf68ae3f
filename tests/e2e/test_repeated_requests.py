"""An idempotency key through HTTP: however often a request is sent, and however many at once, it is paid once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest

from common.api import ApiClient, Response
from e2e.parts import IMAGE, Platform

AT_ONCE = 50


def test_fifty_identical_requests_at_once_are_one_job_one_prediction_and_fifty_equal_answers(
    platform: Platform,
) -> None:
    before = platform.control("GET", "predictions")["created"]
    headers, barrier = {"Idempotency-Key": str(uuid4())}, Barrier(AT_ONCE)

    def ask(_: int) -> Response:
        client = ApiClient(platform.environment.api_url, platform.environment.api_key)
        barrier.wait()
        return client.post("/generate-media", IMAGE, headers)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(ask, range(AT_ONCE)))
    assert Counter(answer.status for answer in answers) == {202: AT_ONCE}, answers[0].body
    assert len({answer.body for answer in answers}) == 1
    assert platform.finished(answers[0].json()["jobId"])["status"] == "completed"
    again = platform.client.post("/generate-media", IMAGE, headers)
    assert (again.status, again.body) == (202, answers[0].body)
    assert platform.predictions_of(again.json()["jobId"]) == 1
    assert platform.control("GET", "predictions")["created"] == before + 1


def test_the_same_key_with_another_body_is_refused(platform: Platform) -> None:
    headers = {"Idempotency-Key": str(uuid4())}
    assert platform.client.post("/generate-media", IMAGE, headers).status == 202
    refused = platform.client.post("/generate-media", IMAGE | {"prompt": "a boat"}, headers)
    assert (refused.status, refused.json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize("key", ["", "a" * 256])
def test_a_malformed_key_is_refused(platform: Platform, key: str) -> None:
    refused = platform.client.post("/generate-media", IMAGE, {"Idempotency-Key": key})
    assert (refused.status, refused.json()["code"]) == (400, "invalid_idempotency_key")


def test_the_key_of_somebody_else_means_nothing(platform: Platform, another_user: ApiClient) -> None:
    headers = {"Idempotency-Key": str(uuid4())}
    made = {
        client.post("/generate-media", IMAGE, headers).json()["jobId"] for client in (platform.client, another_user)
    }
    assert len(made) == 2
