"""An idempotency key over HTTP: a request that is repeated, even in parallel, is paid once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import urllib3

from common.api import ApiClient, Response
from e2e.parts import IMAGE, Platform, until

AT_ONCE = 50
KEY = {"Idempotency-Key": "order 17"}
NOBODYS = "01950000-0000-7000-8000-000000000000"


def sent_until_accepted(client: ApiClient) -> Response:
    """Send a request as a client should: repeat it with the same key after a 5xx or a lost answer.

    Fifty cold starts at once take longer on a small machine than the functions' time-outs allow.
    """

    def send() -> Response | None:
        try:
            answer = client.post("/generate-media", IMAGE, KEY)
        except urllib3.exceptions.HTTPError:
            return None
        assert answer.status == 202 or answer.status >= 500, answer.body
        return answer if answer.status == 202 else None

    return until(send, "a 202", seconds=240)


def test_fifty_identical_requests_at_once_are_one_job_one_prediction_and_fifty_equal_answers(
    platform: Platform,
) -> None:
    before = platform.control("GET", "predictions")["created"]
    key, barrier = platform.new_key("in a hurry"), Barrier(AT_ONCE)
    client = ApiClient(platform.environment.api_url, key)
    assert client.get(f"/status/{NOBODYS}").status == 404  # now the authorizer's verdict is cached

    def ask(_: int) -> Response:
        mine = ApiClient(platform.environment.api_url, key)
        barrier.wait()
        return sent_until_accepted(mine)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(ask, range(AT_ONCE)))
    assert len({answer.body for answer in answers}) == 1
    job_id = answers[0].json()["jobId"]

    def completed() -> bool:
        status = client.get(f"/status/{job_id}").json()["status"]
        if status == "submitting":  # its function was killed for being slow: the poller finishes it
            platform.poll_overdue(job_id)
        return bool(status == "completed")

    until(completed, "the end of the only job")
    again = client.post("/generate-media", IMAGE, KEY)
    assert (again.status, again.body) == (202, answers[0].body)
    assert again.headers["ratelimit-policy"] == '"hour";q=1000;w=3600'
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


def test_another_users_idempotency_key_has_no_effect(platform: Platform, another_user: ApiClient) -> None:
    third = ApiClient(platform.environment.api_url, platform.new_key("a third one"))
    made = {client.post("/generate-media", IMAGE, KEY).json()["jobId"] for client in (third, another_user)}
    assert len(made) == 2
