"""Dependencies of `check_replicate_status`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from mediagen.aws.job_table import JobTable
from mediagen.aws.queue import Queue
from mediagen.cache.pace import Pace
from mediagen.lifecycle.erase import Ports as ErasingPorts
from mediagen.lifecycle.projection import Projection
from mediagen.records.absences import AbsenceRecords
from mediagen.records.callbacks import CallbackRecords
from mediagen.records.claims import ClaimRecords
from mediagen.records.jobs import JobRecords
from mediagen.replicate.client import Replicate


@dataclass(frozen=True, slots=True)
class Ports:
    """Dependencies of the poller. `token_replaced_at`: when Replicate's token last replaced another one."""

    records: JobRecords
    absences: AbsenceRecords
    provider: Replicate
    token_replaced_at: Callable[[], datetime | None]
    submissions: Queue
    pace: Pace
    webhooks: Queue
    screen: Projection
    table: JobTable
    claims: ClaimRecords
    callbacks: CallbackRecords
    callback_queue: Queue
    erasing: ErasingPorts
