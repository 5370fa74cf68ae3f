"""The tables in which a transaction holds row locks while it waits for a row of another table."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from integration.stores.jobs import NOW, added, batch, change_to, job, output
from integration.waiting import eventually
from mediagen.jobs.idempotency import Claim
from mediagen.jobs.job import Job
from mediagen.jobs.state import Status
from mediagen.jobs.transition import Change
from mediagen.records.absences import AbsenceRecords
from mediagen.records.access import AccessRecords
from mediagen.records.batches import BatchRecords
from mediagen.records.callbacks import CallbackRecords, Try
from mediagen.records.claims import ClaimRecords
from mediagen.records.database import Database
from mediagen.records.deletions import DeletionRecords
from mediagen.records.jobs import JobRecords

# ADR 45 has the same list.
ORDER = (
    "users",
    "idempotency_keys",
    "absences",
    "jobs",
    "turns",
    "job_events",
    "callbacks",
    "callback_tries",
    "media_outputs",
    "daily_usage",
)
# Transitions and deletions lock a job FOR UPDATE, which also blocks new references; other statements change no key.
_STRENGTH = {"jobs": "FOR UPDATE"}
_WAITING = "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted"
_HOOK = "https://hooks.example.com/vsl"

type Act = Callable[[Database], object]


@dataclass(frozen=True, slots=True)
class World:
    """A user with limits, and rows in every table of the order."""

    database: Database
    user_id: str

    @property
    def records(self) -> JobRecords:
        return JobRecords(self.database)

    def fill(self) -> None:
        """Set the user's limits, and complete a first job of the user."""
        AccessRecords(self.database).set_limits(self.user_id, {"concurrentJobs": 1000, "monthlyBudget": Decimal(1000)})
        self.queued()
        assert self.records.take_turn(Change("submit"), now=NOW)
        done = self.completed()
        callback = CallbackRecords(self.database).claim(done.id, now=NOW)
        assert callback
        made = Try(callback.number, NOW, 1, 500, None)
        CallbackRecords(self.database).settle(callback.id, made, state="pending", next_try_at=NOW)
        AbsenceRecords(self.database).note_absent(done.id, 1, now=NOW)

    def queued(self) -> Job:
        """Record a queued job."""
        return added(self.records, self.user_id, status=Status.QUEUED, revision=0)

    def running(self) -> Job:
        new = added(self.records, self.user_id, callback_url=_HOOK)
        moved = self.records.move(new.id, Status.PROCESSING, change_to(Status.PROCESSING), now=NOW)
        assert moved
        return moved

    def completed(self) -> Job:
        """Record a completed job with a file and a callback."""
        running = self.running()
        change = change_to(Status.COMPLETED, outputs=[output(running.id, 0)])
        done = self.records.move(running.id, Status.COMPLETED, change, now=NOW)
        assert done
        return done

    def deleted(self) -> Job:
        """Record a deleted job that is not yet scrubbed."""
        done = self.completed()
        assert DeletionRecords(self.database).mark(done.id, self.user_id, now=NOW, erase_at=NOW)
        return done

    def outdated_key(self) -> Claim:
        """Claim a key again that was first claimed two days before."""
        mine = Claim(self.user_id, "key", bytes(32), NOW)
        with_past = Claim(self.user_id, "key", bytes(32), NOW - timedelta(days=2))
        self.records.add(job(self.user_id), check_at=NOW, claim=with_past)
        return mine


def _single(world: World) -> Act:
    claim, retried = world.outdated_key(), world.completed()
    new = job(world.user_id, retry_of=retried.id)
    return lambda database: JobRecords(database).add(new, check_at=NOW, claim=claim)


def _batch(world: World) -> Act:
    claim, made = world.outdated_key(), batch(world.user_id)
    return lambda database: BatchRecords(database, JobRecords(database)).add(
        made.id, world.user_id, made.jobs, check_at=NOW, claim=claim
    )


def _moved(job_of: Callable[[World], Job], target: Status) -> Callable[[World], Act]:
    def prepare(world: World) -> Act:
        moving = job_of(world)
        files = [output(moving.id, 1)] if target is Status.COMPLETED else []
        change = change_to(target, outputs=files)
        return lambda database: JobRecords(database).move(moving.id, target, change, now=NOW)

    return prepare


def _submitting(world: World) -> Job:
    return added(world.records, world.user_id)


def _turn(world: World) -> Act:
    world.queued()
    return lambda database: JobRecords(database).take_turn(Change("submit"), now=NOW)


def _progress(world: World) -> Act:
    running = world.running()
    return lambda database: JobRecords(database).note_progress(running.id, 50)


def _limits(world: World) -> Act:
    return lambda database: AccessRecords(database).set_limits(world.user_id, {"concurrentJobs": 1000})


def _absence(world: World) -> Act:
    absent = _submitting(world)
    return lambda database: AbsenceRecords(database).note_absent(absent.id, 1, now=NOW)


def _mark(world: World) -> Act:
    done = world.completed()
    return lambda database: DeletionRecords(database).mark(done.id, world.user_id, now=NOW, erase_at=NOW)


def _scrub(world: World) -> Act:
    deleted = world.deleted()
    return lambda database: DeletionRecords(database).scrub(deleted.id, erase_at=None)


def _try(world: World) -> Act:
    done = world.completed()
    claimed = CallbackRecords(world.database).claim(done.id, now=NOW)
    assert claimed
    made = Try(claimed.number, NOW, 1, 200, None)
    return lambda database: CallbackRecords(database).settle(claimed.id, made, state="delivered", next_try_at=None)


def _callback_end(world: World) -> Act:
    done = world.completed()
    return lambda database: CallbackRecords(database).end(done.id)


def _forget(world: World) -> Act:
    world.outdated_key()
    return lambda database: ClaimRecords(database).forget(now=NOW)


TRANSACTIONS: Mapping[str, Callable[[World], Act]] = {
    "a request with a key": _single,
    "a batch with a key": _batch,
    "a completion": _moved(World.running, Status.COMPLETED),
    "a failure": _moved(_submitting, Status.FAILED),
    "a job that goes back into the queue": _moved(_submitting, Status.QUEUED),
    "a turn": _turn,
    "progress": _progress,
    "limits": _limits,
    "an absence": _absence,
    "a deletion": _mark,
    "a scrub": _scrub,
    "a try of a callback": _try,
    "the end of a callback": _callback_end,
    "forgetting keys": _forget,
}


def locked_while_waiting(act: Act, table: str, database: Database, sql: Any) -> set[str]:
    """Lock a table's rows, block a transaction on them, and return the tables whose rows the transaction holds."""
    with ThreadPoolExecutor(1) as pool:
        sql.run("BEGIN")
        try:
            sql.run(f"SELECT 1 FROM {table} {_strength(table)}")
            done = pool.submit(act, database)
            eventually(lambda: done.done() or sql.run(_WAITING) != [[0]], "an end, or waiting")
            return set() if done.done() else {each for each in ORDER if each != table and _is_locked(each, sql)}
        finally:
            sql.run("ROLLBACK")
            done.result()


def _strength(table: str) -> str:
    return _STRENGTH.get(table, "FOR NO KEY UPDATE")


def _is_locked(table: str, sql: Any) -> bool:
    free = f"SELECT count(*) FROM (SELECT 1 FROM {table} {_strength(table)} SKIP LOCKED) AS free"
    return bool(sql.run(f"SELECT ({free}) < (SELECT count(*) FROM {table})")[0][0])
