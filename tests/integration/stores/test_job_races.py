"""Concurrent transitions, each on its own connection: one wins, and the others report that they lost."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

from integration.stores.jobs import NOW, added, change_to, history, in_status, output
from integration.waiting import eventually
from mediagen.jobs.job import Job
from mediagen.jobs.state import Status
from mediagen.jobs.transition import Change
from mediagen.records.database import Database
from mediagen.records.jobs import JobRecords

MOVERS = 12
ENDS = (Status.COMPLETED, Status.FAILED, Status.CANCELED)
AGAIN_IN = timedelta(minutes=4)

type MakeDatabase = Callable[[], Database]


def at_once(databases: MakeDatabase, sql: Any, job_id: str, act: Callable[[int, JobRecords], Job | None]) -> list[Job]:
    """Hold the row until all transitions wait for it, then run them; return the winners' results."""
    sql.run("BEGIN")
    sql.run("SELECT 1 FROM jobs WHERE id = :id FOR UPDATE", id=job_id)
    with ThreadPoolExecutor(MOVERS) as pool:
        moves = [pool.submit(act, number, JobRecords(databases())) for number in range(MOVERS)]
        waiting = "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted"
        eventually(lambda: sql.run(waiting) == [[MOVERS]], "all movers waiting")
        sql.run("ROLLBACK")
        return [job for move in moves if (job := move.result())]


def test_exactly_one_of_many_completions_wins(
    databases: MakeDatabase, records: JobRecords, user_id: str, sql: Any
) -> None:
    running = in_status(records, user_id, Status.PROCESSING)
    change = Change("done", outputs=[output(running.id, 1)])
    winners = at_once(
        databases, sql, running.id, lambda _, mine: mine.move(running.id, Status.COMPLETED, change, now=NOW)
    )
    assert len(winners) == 1
    assert records.find(running.id) == winners[0]
    assert [row[2] for row in history(sql, running.id)].count("completed") == 1


def test_exactly_one_of_many_terminal_transitions_wins(
    databases: MakeDatabase, records: JobRecords, user_id: str, sql: Any
) -> None:
    running = in_status(records, user_id, Status.PROCESSING)

    def end(number: int, mine: JobRecords) -> Job | None:
        target = ENDS[number % len(ENDS)]
        return mine.move(running.id, target, change_to(target), now=NOW)

    winners = at_once(databases, sql, running.id, end)
    assert [winner.status for winner in winners] == [Status(history(sql, running.id)[-1][2])]


def test_of_many_claims_of_a_queued_job_exactly_one_submits(
    databases: MakeDatabase, records: JobRecords, user_id: str, sql: Any
) -> None:
    queued = in_status(records, user_id, Status.QUEUED)
    winners = at_once(
        databases, sql, queued.id, lambda _, mine: mine.move(queued.id, Status.SUBMITTING, Change("x"), now=NOW)
    )
    assert len(winners) == 1


def test_pollers_never_get_the_same_job(databases: MakeDatabase, records: JobRecords, user_id: str) -> None:
    jobs = [added(records, user_id).id for _ in range(100)]
    barrier = Barrier(4)

    def poll(_: int) -> list[str]:
        mine = JobRecords(databases())
        claimed: list[str] = []
        barrier.wait()
        while batch := mine.claim_overdue(now=NOW, again_in=AGAIN_IN, limit=3):
            claimed += [job.id for job in batch]
        return claimed

    with ThreadPoolExecutor(4) as pool:
        claims = Counter(job_id for claimed in pool.map(poll, range(4)) for job_id in claimed)
    assert claims == Counter(jobs)
