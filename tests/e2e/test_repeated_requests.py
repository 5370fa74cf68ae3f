"""An idempotency key through HTTP: however often a request is sent, and however many at once, it is paid once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from common.api import ApiClient, Response
from e2e.parts import IMAGE, Platform, until

AT_ONCE = 50
KEY = {"Idempotency-Key": "order 17"}


def test_fifty_identical_requests_at_once_are_one_job_one_prediction_and_fifty_equal_answers(
    platform: Platform,
) -> None:
    before = platform.control("GET", "predictions")["created"]
    key, barrier = platform.new_key("in a hurry"), Barrier(AT_ONCE)

    def ask(_: int) -> Response:
        client = ApiClient(platform.environment.api_url, key)
        barrier.wait()
        return client.post("/generate-media", IMAGE, KEY)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(ask, range(AT_ONCE)))
    assert Counter(answer.status for answer in answers) == {202: AT_ONCE}, [answer.body for answer in answers]
    assert len({answer.body for answer in answers}) == 1
    assert {answer.headers["ratelimit-policy"] for answer in answers} == {'"hour";q=100;w=3600'}
    assert {answer.headers["ratelimit"].partition(";t=")[0] for answer in answers} == {'"hour";r=99'}
    job_id = answers[0].json()["jobId"]
    client = ApiClient(platform.environment.api_url, key)
    until(lambda: client.get(f"/status/{job_id}").json()["status"] == "completed", "the end of the only job")
    again = client.post("/generate-media", IMAGE, KEY)
    assert (again.status, again.body) == (202, answers[0].body)
    assert platform.predictions_of(job_id) == 1
    assert platform.control("GET", "predictions")["created"] == before + 1


def test_the_same_key_with_another_body_is_refused(another_user: ApiClient) -> None:
    assert another_user.post("/generate-media", IMAGE, KEY).status == 202
    refused = another_user.post("/generate-media", IMAGE | {"prompt": "a boat"}, KEY)
    assert (refused.status, refused.json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize("key", ["", "a" * 256])
def test_a_malformed_key_is_refused(another_user: ApiClient, key: str) -> None:
    refused = another_user.post("/generate-media", IMAGE, {"Idempotency-Key": key})
    assert (refused.status, refused.json()["code"]) == (400, "invalid_idempotency_key")


def test_the_key_of_somebody_else_means_nothing(platform: Platform, another_user: ApiClient) -> None:
    third = ApiClient(platform.environment.api_url, platform.new_key("a third one"))
    made = {client.post("/generate-media", IMAGE, KEY).json()["jobId"] for client in (third, another_user)}
    assert len(made) == 2
