"""The poller with real records in PostgreSQL; Replicate, the queues and the projections are fakes."""

from check_replicate_status.ports import Ports
from mediagen.records.absences import AbsenceRecords
from mediagen.records.callbacks import CallbackRecords
from mediagen.records.claims import ClaimRecords
from mediagen.records.database import Database
from mediagen.records.jobs import JobRecords
from mediagen.replicate.client import Replicate
from unit.check_replicate_status.bench import Table
from unit.erasure import Erasure
from unit.pace import Pace
from unit.samples import Queue
from unit.screen import Screen


def poller_ports(database: Database, provider: Replicate, results: Queue) -> Ports:
    return Ports(
        records=JobRecords(database),
        absences=AbsenceRecords(database),
        provider=provider,
        token_replaced_at=lambda: None,
        submissions=Queue(),
        pace=Pace(),
        webhooks=results,
        screen=Screen(),
        table=Table(),
        claims=ClaimRecords(database),
        callbacks=CallbackRecords(database),
        callback_queue=Queue(),
        erasing=Erasure().ports,
    )
