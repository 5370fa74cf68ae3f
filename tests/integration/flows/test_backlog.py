"""A backlog drains at Replicate's limit: each job is sent once, users alternate, and 429 is rare."""

import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from redis import Redis

from integration.flows.backlog import PER_MINUTE, WORKERS, Backlog, backlog
from replicate_simulator.server import RunningSimulator

JOBS = 5_000


@pytest.fixture
def waiting(
    database_url: str, redis: str, redis_client: Redis, simulator: RunningSimulator, sql: Any
) -> Iterator[Backlog]:
    simulator.simulator.reset()
    with backlog(database_url, redis, simulator, sql) as made:
        yield made
    simulator.simulator.reset()


def test_a_backlog_of_unequal_users_drains_at_the_limit_fairly_and_once(waiting: Backlog) -> None:
    limit = waiting.limited_to(600)
    shares = [JOBS * share // 100 for share in (70, 20, 8)]
    users = waiting.users(JOBS - sum(shares) - 1, *shares, 1)
    begun = time.process_time()
    seconds = waiting.drained(60 * (JOBS // PER_MINUTE + 2))
    sent = waiting.sent()
    assert Counter(waiting.created()) == Counter(job_id for ids in waiting.ids.values() for job_id in ids)
    assert limit.throttled <= limit.asked // 100
    assert seconds <= 60 * JOBS / PER_MINUTE + 30
    assert users[-1] in [user for user, _, _ in sent[: len(users) + WORKERS]]
    times = {job_id: at for _, job_id, at in sent}
    for ids in waiting.ids.values():
        assert [times[job_id] for job_id in ids] == sorted(times[job_id] for job_id in ids)
    print(f"{JOBS} jobs: {seconds} s, {limit.asked} create calls, {limit.throttled} of them throttled;")
    print(f"{waiting.turns.sent} messages, {time.process_time() - begun:.0f} s of processor time")
