"""The queries of the poller and the workers read as many pages with 100,000 queued jobs as with 1,000."""

from datetime import timedelta
from typing import Any

import pytest

from integration.stores.jobs import NOW, add_user
from mediagen.jobs.state import Status
from mediagen.jobs.transition import Change
from mediagen.records.database import Database
from mediagen.records.job_statements import (
    CLAIM_OVERDUE,
    CLAIM_PAST_DEADLINE,
    CLAIM_WAITING,
    COUNT_OVERDUE,
    MOVE_NEXT,
)
from mediagen.records.jobs import _moving

FEW, MANY = 1_000, 100_000
USERS = 20
AGAIN = NOW + timedelta(minutes=4)

ADD_QUEUED = """
INSERT INTO jobs (id, user_id, media_type, model_id, params, status, revision, estimated_seconds, estimated_cost,
                  created_at, updated_at, deadline_at, next_check_at)
SELECT gen_random_uuid(), CAST((CAST(:users AS text[]))[1 + number % :number_of_users] AS uuid), 'image',
       'flux-schnell', '{}', 'queued', 0, 5, 0.003, moment, moment, CAST(:now AS timestamptz) + interval '9 hours',
       moment
FROM generate_series(1, CAST(:jobs AS integer)) AS number,
     LATERAL (SELECT CAST(:now AS timestamptz) - number * interval '10 milliseconds' AS moment) AS at
"""
CLAIMED = {"now": NOW, "again_at": AGAIN, "limit": 100}
PICKS: dict[str, tuple[str, dict[str, object]]] = {
    "claim_overdue": (CLAIM_OVERDUE, CLAIMED),
    "claim_past_deadline": (CLAIM_PAST_DEADLINE, CLAIMED),
    "claim_waiting": (CLAIM_WAITING, CLAIMED),
    "count_overdue": (COUNT_OVERDUE, {"now": NOW}),
    "take_turn": (MOVE_NEXT, _moving(Status.SUBMITTING, Change("submit"), NOW)),
}


@pytest.fixture
def users(sql: Any) -> list[str]:
    return [add_user(sql) for _ in range(USERS)]


def queue(sql: Any, users: list[str], jobs: int) -> None:
    """Add queued jobs that should have been sent by now."""
    sql.run(ADD_QUEUED, users=users, number_of_users=len(users), now=NOW, jobs=jobs)
    sql.run("VACUUM ANALYZE jobs")


def pages(database: Database, name: str) -> int:
    """Run a query; return how many pages of tables and indexes it read."""
    statement, parameters = PICKS[name]
    [row] = database.run("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + statement, **parameters)
    plan = row["QUERY PLAN"][0]["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


def test_picks_read_no_more_pages_when_100_times_as_many_jobs_are_queued(
    database: Database, sql: Any, users: list[str]
) -> None:
    queue(sql, users, FEW)
    few = {name: pages(database, name) for name in PICKS}
    queue(sql, users, MANY - FEW)
    many = {name: pages(database, name) for name in PICKS}
    print({name: (few[name], many[name]) for name in PICKS})
    assert all(many[name] <= 2 * few[name] + 100 for name in PICKS), (few, many)
