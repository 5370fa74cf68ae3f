"""Fair dispatch: users alternate, each user's jobs run in the order of acceptance, and no job runs twice."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from integration.stores.jobs import NOW, add_user, batch, history, job
from mediagen.jobs.ids import new_job_id
from mediagen.jobs.job import Job
from mediagen.jobs.state import Status
from mediagen.jobs.transition import Change
from mediagen.records.batches import BatchRecords
from mediagen.records.database import Database, Row
from mediagen.records.jobs import JobRecords

SUBMIT = Change("submit", timedelta(minutes=2))
SECOND = timedelta(seconds=1)
WORKERS = 20


def queued(records: JobRecords, user_id: str, at: float = 0) -> str:
    """Record a queued job; `second` is the time of its acceptance."""
    moment = NOW + at * SECOND
    made = job(user_id, moment, id=new_job_id(moment), status=Status.QUEUED, revision=0)
    records.add(made, check_at=moment + timedelta(minutes=10))
    return made.id


def served(records: JobRecords, *, since: datetime = NOW + timedelta(hours=1), most: int = 1000) -> list[Job]:
    """Take one dispatch slot each second until no job is queued."""
    found: list[Job] = []
    while len(found) < most and (taken := records.take_turn(SUBMIT, now=since + len(found) * SECOND)):
        found.append(taken)
    return found


def test_a_single_users_jobs_are_served_as_accepted(records: JobRecords, user_id: str) -> None:
    ids = {at: queued(records, user_id, at) for at in (3, 1, 2)}
    assert [taken.id for taken in served(records)] == [ids[1], ids[2], ids[3]]
    assert records.take_turn(SUBMIT, now=NOW) is None


def test_a_dispatch_is_a_transition_with_its_history_row(records: JobRecords, user_id: str, sql: Any) -> None:
    queued(records, user_id)
    taken = records.take_turn(SUBMIT, now=NOW)
    assert taken and taken == records.find(taken.id)
    assert (taken.status, taken.revision, taken.updated_at) == (Status.SUBMITTING, 1, NOW)
    assert [row[2] for row in history(sql, taken.id)] == ["queued", "submitting"]
    assert sql.run("SELECT next_check_at, last_at FROM jobs JOIN turns USING (user_id)") == [
        [NOW + SUBMIT.next_check_in, NOW]
    ]


def test_users_are_served_in_turn_however_much_they_have(records: JobRecords, sql: Any) -> None:
    much, some, one = (add_user(sql) for _ in range(3))
    for at in range(30):
        queued(records, much, at)
    for at in range(3):
        queued(records, some, 100 + at)
    queued(records, one, 200)
    order = [taken.user_id for taken in served(records)]
    assert order == [much, some, one, much, some, much, some, *[much] * 27]


def test_without_a_backlog_jobs_are_served_as_accepted_for_all_users(records: JobRecords, sql: Any) -> None:
    users = [add_user(sql) for _ in range(3)]
    for at, user in enumerate(users):
        queued(records, user, at)
    served(records, since=NOW + 10 * SECOND)
    for at, user in enumerate(reversed(users)):
        queued(records, user, 100 + at)
    assert [taken.user_id for taken in served(records)] == users[::-1]


def test_a_new_user_is_served_within_one_round(records: JobRecords, sql: Any) -> None:
    users = [add_user(sql) for _ in range(5)]
    for user in users:
        for at in range(10):
            queued(records, user, at)
    since = NOW + timedelta(hours=1)
    served(records, since=since, most=12)
    new = add_user(sql)
    queued(records, new, at=3600 + 12)
    assert new in [taken.user_id for taken in served(records, since=since + 13 * SECOND, most=6)]


def test_the_jobs_of_a_batch_are_served_in_its_order(records: JobRecords, database: Database, user_id: str) -> None:
    made = batch(user_id, jobs=20)
    BatchRecords(database, records).add(made.id, user_id, made.jobs, check_at=NOW)
    places = [taken.batch_index for taken in served(records)]
    assert places == sorted(places)  # type: ignore[type-var]
    assert len(places) == 20


def test_a_job_that_goes_back_is_the_next_of_its_user(records: JobRecords, user_id: str) -> None:
    first, second = queued(records, user_id, 1), queued(records, user_id, 2)
    served(records, most=1)
    records.move(first, Status.QUEUED, Change("throttled"), now=NOW)
    assert [taken.id for taken in served(records)] == [first, second]


def test_a_dispatch_without_effect_does_not_count(records: JobRecords, sql: Any) -> None:
    first, second = add_user(sql), add_user(sql)
    ids = [queued(records, user, at) for at, user in enumerate([first, second, first, second])]
    for _ in range(3):  # Replicate accepts nothing
        [taken] = served(records, most=1)
        records.move(taken.id, Status.QUEUED, Change("throttled"), now=NOW)
    assert [taken.id for taken in served(records)] == ids


def test_a_locked_job_is_skipped_without_waiting(records: JobRecords, user_id: str, sql: Any) -> None:
    held, free = queued(records, user_id, 1), queued(records, user_id, 2)
    sql.run("BEGIN")
    sql.run("SELECT 1 FROM jobs WHERE id = :id FOR UPDATE", id=held)
    assert [taken.id for taken in served(records)] == [free]
    sql.run("ROLLBACK")
    assert [taken.id for taken in served(records)] == [held]


def test_no_two_of_twenty_workers_claim_the_same_job(
    databases: Callable[[], Database], records: JobRecords, sql: Any
) -> None:
    users = [add_user(sql) for _ in range(3)]
    ids = [queued(records, users[at % 3], at / 100) for at in range(240)]
    workers = [JobRecords(databases()) for _ in range(WORKERS)]
    with ThreadPoolExecutor(WORKERS) as pool:
        taken = [one.id for found in pool.map(served, workers) for one in found]
    assert Counter(taken) == Counter(ids)
    rows = sql.run("SELECT job_id, count(*) FROM job_events WHERE to_status = 'submitting' GROUP BY job_id")
    assert {str(job_id): count for job_id, count in rows} == dict.fromkeys(ids, 1)


def test_waiting_jobs_are_overdue_apart_from_the_others(records: JobRecords, user_id: str) -> None:
    waiting, late = queued(records, user_id, 0), NOW + timedelta(minutes=10)
    again = timedelta(minutes=10)
    assert records.claim_waiting(now=NOW, again_in=again, limit=9) == []
    assert records.claim_overdue(now=late, again_in=again, limit=9) == []
    assert records.claim_past_deadline(now=late, again_in=again, limit=9) == []
    assert records.claim_waiting(now=late, again_in=again, limit=9) == [waiting]
    assert records.claim_waiting(now=late, again_in=again, limit=9) == []
    after = NOW + timedelta(minutes=31)
    assert records.claim_waiting(now=after, again_in=again, limit=9) == []  # its deadline has passed
    assert [one.id for one in records.claim_past_deadline(now=after, again_in=again, limit=9)] == [waiting]


def test_the_queued_are_counted(records: JobRecords, user_id: str) -> None:
    assert (records.count_queued(), records.has_queued()) == (0, False)
    for at in range(3):
        queued(records, user_id, at)
    served(records, most=1)
    assert (records.count_queued(), records.has_queued()) == (2, True)


class Explained(Database):
    """Explains each statement as it runs, and keeps the plan."""

    plan: Any = None

    def run(self, sql: str, **parameters: object) -> list[Row]:
        [row] = super().run(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", **parameters)
        [self.plan] = row["QUERY PLAN"]
        return []


def looks_into(index: str, plan: Any) -> int:
    """Count how often a plan searched an index."""
    inner = plan.get("Plans", [])
    own = int(plan["Actual Loops"]) if plan.get("Index Name") == index else 0
    return own + sum(looks_into(index, each) for each in inner)


def waiting_users(sql: Any, number: int, jobs: int) -> None:
    """Record queued jobs of many users."""
    sql.run(
        "INSERT INTO users (id, name, created_at) SELECT gen_random_uuid(), 'one of many', now() "
        "FROM generate_series(1, CAST(:number AS integer))",
        number=number,
    )
    sql.run(
        "INSERT INTO jobs (id, user_id, media_type, model_id, params, status, revision, estimated_seconds, "
        "estimated_cost, created_at, updated_at, deadline_at, next_check_at) SELECT gen_random_uuid(), users.id, "
        "'image', 'flux-schnell', '{}', 'queued', 0, 5, 0, :now, :now, :ends, :ends "
        "FROM users, generate_series(1, CAST(:jobs AS integer))",
        now=NOW,
        ends=NOW + timedelta(hours=2),
        jobs=jobs,
    )


def test_the_cost_of_a_dispatch_does_not_grow_with_users(database_url: str, sql: Any) -> None:
    waiting_users(sql, 2000, 2)
    sql.run("ANALYZE jobs")
    database = Explained(lambda: database_url)
    JobRecords(database).take_turn(SUBMIT, now=NOW)
    database.close()
    assert 200 < looks_into("jobs_queued", database.plan["Plan"]) < 420


def test_a_message_without_a_job_does_not_count_the_queue(database_url: str, sql: Any) -> None:
    waiting_users(sql, 50, 20)
    sql.run("ANALYZE jobs")
    database = Explained(lambda: database_url)
    with suppress(ValueError):  # EXPLAIN returns a plan and no row
        JobRecords(database).has_queued()
    database.close()
    assert rows_read(database.plan["Plan"]) <= 1


def rows_read(plan: Any) -> int:
    """Return the largest number of rows that a part of a plan produced."""
    return max([int(plan["Actual Rows"]), *map(rows_read, plan.get("Plans", []))])


def test_of_very_many_users_each_is_served(records: JobRecords, sql: Any) -> None:
    waiting_users(sql, 600, 1)
    assert len({taken.user_id for taken in served(records)}) == 600
