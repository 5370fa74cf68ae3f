"""Find out what the webhooks missed. Mandatory: webhooks are retried for about a minute, and results are deleted after
an hour. Every step works in proportion to its backlog and ends when its time is over."""

from collections.abc import Callable
from datetime import datetime

from check_replicate_status.due_callbacks import send_due
from check_replicate_status.due_turns import RESERVE_SECONDS, send_turns
from check_replicate_status.overdue import look_after_overdue
from check_replicate_status.ports import Ports
from check_replicate_status.repairing import Repair, repair
from mediagen import log
from mediagen.degraded import degraded
from mediagen.lifecycle.erase import erase_due_jobs


def check_replicate_status(
    *, clock: Callable[[], datetime], seconds_left: Callable[[], float], ports: Ports
) -> dict[str, int]:
    """Settle overdue jobs, then repair the job table. Returns counts."""
    now = clock()
    overdue = ports.records.count_overdue(now=now)
    danger = look_after_overdue(now=now, clock=clock, seconds_left=seconds_left, ports=ports)
    with degraded("waiting_jobs"):
        _send_turns(now=now, seconds_left=seconds_left, ports=ports)
    with degraded("callbacks"):
        _send_callbacks(now=now, seconds_left=_half(seconds_left), ports=ports)
    with degraded("idempotency_keys"):
        _forget_keys(now=now, seconds_left=_half(seconds_left), ports=ports)
    with degraded("foreign_predictions"):
        ports.absences.forget_foreign(now=now)
    with degraded("deletions"):
        erase_due_jobs(now=now, seconds_left=_half(seconds_left), ports=ports.erasing)
    queued = ports.records.count_queued()
    repaired = repair(Repair(now, seconds_left, ports.records, ports.table, ports.screen))
    counts = {"overdue": overdue, "inDanger": danger, "queued": queued, "repaired": repaired}
    metrics = [
        log.Metric("JobsOverdue", overdue),
        log.Metric("JobsInDanger", danger),
        log.Metric("JobsQueued", queued),
    ]
    log.event("check.done", metadata=counts, metrics=metrics)
    return counts


def _half(seconds_left: Callable[[], float]) -> Callable[[], float]:
    """Return half of the time left, so that the following steps have the other half."""
    kept = seconds_left() / 2
    return lambda: seconds_left() - kept


def _forget_keys(*, now: datetime, seconds_left: Callable[[], float], ports: Ports) -> None:
    while seconds_left() > RESERVE_SECONDS and ports.claims.forget(now=now):
        pass


def _send_turns(*, now: datetime, seconds_left: Callable[[], float], ports: Ports) -> None:
    records, pace, queue = ports.records, ports.pace, ports.submissions
    sent = send_turns(now=now, seconds_left=seconds_left, records=records, pace=pace, queue=queue)
    if sent:
        log.event("turns.sent", metadata={"due": sent})


def _send_callbacks(*, now: datetime, seconds_left: Callable[[], float], ports: Ports) -> None:
    sent = send_due(now=now, seconds_left=seconds_left, callbacks=ports.callbacks, queue=ports.callback_queue)
    if sent:
        log.event("callbacks.sent", metadata={"due": sent})
