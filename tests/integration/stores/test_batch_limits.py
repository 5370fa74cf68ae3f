"""User limits and batches: each request is admitted on its own, exactly up to the limits."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest

from integration.stores.jobs import NOW, batch
from integration.stores.test_claims import claim, count
from mediagen.errors.refusals import Refusal, TooManyRunningJobs
from mediagen.limits.budget import Limits
from mediagen.records.batches import BatchRecords
from mediagen.records.database import Database
from mediagen.records.jobs import JobRecords

RIVALS = 12


def test_of_a_batch_as_many_are_accepted_as_may_run_at_a_time(database: Database, user_id: str, sql: Any) -> None:
    made, batches = batch(user_id, 5), BatchRecords(database, JobRecords(database))
    limits = Limits(concurrent_jobs=3)
    recorded = batches.add(made.id, user_id, made.jobs, check_at=NOW, claim=claim(user_id), defaults=limits)
    assert recorded and [one.get("code") if isinstance(one, dict) else "made" for one in recorded.results] == [
        "made",
        "made",
        "made",
        "too_many_running_jobs",
        "too_many_running_jobs",
    ]

    with pytest.raises(TooManyRunningJobs):
        more = batch(user_id, 2)
        batches.add(more.id, user_id, more.jobs, check_at=NOW, defaults=limits)
    assert (count(sql, "batches"), count(sql, "jobs")) == (1, 3)


def test_batches_at_once_never_overspend(databases: Callable[[], Database], user_id: str, sql: Any) -> None:
    barrier, limits = Barrier(RIVALS), Limits(monthly_budget=Decimal("0.05"))

    def rival(_: int) -> int:
        database = databases()
        database.run("SELECT 1")
        made = batch(user_id, 4)
        barrier.wait()
        try:
            recorded = BatchRecords(database, JobRecords(database)).add(
                made.id, user_id, made.jobs, check_at=NOW, defaults=limits
            )
        except Refusal:
            return 0
        return len(recorded.jobs) if recorded else 0

    with ThreadPoolExecutor(RIVALS) as pool:
        assert sum(pool.map(rival, range(RIVALS))) == 16 == count(sql, "jobs")
