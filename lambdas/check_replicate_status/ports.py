"""What looking after jobs depends on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from check_replicate_status.absence import Records as AbsenceEvidence
from check_replicate_status.asking import Provider
from check_replicate_status.due_callbacks import Callbacks
from check_replicate_status.due_turns import Pace
from check_replicate_status.due_turns import Queue as QueueOfTurns
from check_replicate_status.due_turns import Records as WaitingRecords
from check_replicate_status.repairing import Records as RepairRecords
from check_replicate_status.repairing import Screen as RepairScreen
from check_replicate_status.repairing import Table
from mediagen.jobs.job import Job
from mediagen.lifecycle.completion import Records as EndingRecords
from mediagen.lifecycle.completion import Screen as EndingScreen
from mediagen.lifecycle.erase import Ports as ErasingPorts
from mediagen.lifecycle.submit import Queue


class Records(EndingRecords, WaitingRecords, RepairRecords, Protocol):
    """The truth, as far as overdue jobs go."""

    def count_overdue(self, *, now: datetime) -> int:
        """Count the jobs that the next two methods would take."""

    def claim_overdue(self, *, now: datetime, again_in: timedelta, limit: int) -> list[Job]:
        """Take sent jobs whose completion is overdue, first those whose results Replicate deletes first."""

    def claim_past_deadline(self, *, now: datetime, again_in: timedelta, limit: int) -> list[Job]:
        """Take queued jobs whose deadline has passed."""

    def postpone(self, job_ids: Sequence[str], *, check_at: datetime) -> None:
        """Check unfinished jobs at another time."""

    def count_queued(self) -> int:
        """Count the jobs that wait for their turn."""

    def note_progress(self, job_id: str, percent: int) -> Job | None:
        """Note how far a running job is."""


class Screen(EndingScreen, RepairScreen, Protocol):
    """Where a job's newest state is shown."""


class Absences(AbsenceEvidence, Protocol):
    """What was seen, and not seen, at Replicate."""

    def known_predictions(self, ids: Sequence[str]) -> set[str]:
        """Return those ids of predictions that belong to one of our jobs, or are noted as foreign."""

    def note_foreign(self, ids: Sequence[str], *, now: datetime) -> None:
        """Record predictions that carry no webhook of ours. The next search does not read them again."""

    def forget_foreign(self, *, now: datetime) -> None:
        """Delete what was noted a day ago."""


class Claims(Protocol):
    """The idempotency keys, as far as they end."""

    def forget(self, *, now: datetime) -> int:
        """Delete some of those whose time is over; returns how many."""


@dataclass(frozen=True, slots=True)
class Ports:
    """What looking after jobs needs. `token_replaced_at`: when Replicate's token last replaced another one."""

    records: Records
    absences: Absences
    provider: Provider
    token_replaced_at: Callable[[], datetime | None]
    submissions: QueueOfTurns
    pace: Pace
    webhooks: Queue
    screen: Screen
    table: Table
    claims: Claims
    callbacks: Callbacks
    callback_queue: QueueOfTurns
    erasing: ErasingPorts
