"""After too many wrong keys from one address, the next gets 429; a valid key in use still works."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from redis import Redis

from common.api import ApiClient, Response
from e2e.parts import Platform
from e2e.test_refusals import problem
from local_cloud.packages import ROOT
from mediagen.access.api_keys import new_key
from mediagen.access.source_standing import WINDOW_SECONDS

JOB = "/status/01950000-0000-7000-8000-000000000000"
LIMIT = 1000  # environments/local.tfvars


@contextmanager
def exhausted(platform: Platform) -> Iterator[None]:
    """Use up this address's wrong keys, for the current window and the next."""
    window = int(time.time()) // WINDOW_SECONDS
    names = [f"ratelimit:ip:127.0.0.1:{number}" for number in (window, window + 1)]
    with Redis.from_url(platform.environment.url("redis")) as redis:
        for name in names:
            redis.set(name, LIMIT, ex=2 * WINDOW_SECONDS)
        try:
            yield
        finally:
            redis.delete(*names)


def asked(platform: Platform, key: str) -> Response:
    return ApiClient(platform.environment.api_url, key).get(JOB)


def test_one_wrong_key_too_many_is_429_and_a_key_in_use_works_on(platform: Platform) -> None:
    assert f"failures_per_address = {LIMIT}" in (ROOT / "terraform/environments/local.tfvars").read_text()
    key = platform.new_key("a neighbour")
    problem(asked(platform, key), 404, "job_not_found")
    with exhausted(platform):
        for wrong in (new_key("vsl_local"), "wrong"):
            answer = asked(platform, wrong)
            problem(answer, 429, "too_many_failures")
            assert 290 <= int(answer.headers["retry-after"]) <= 300
        # An extra space makes another header, for which the API has no cached verdict.
        problem(asked(platform, f" {key}"), 404, "job_not_found")
