"""Jobs that count against limits."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from integration.stores.jobs import NOW, change_to, job
from mediagen.errors.refusals import Refusal
from mediagen.jobs.failures import failure
from mediagen.jobs.idempotency import Claim
from mediagen.jobs.job import Job
from mediagen.jobs.state import Status
from mediagen.jobs.transition import Change
from mediagen.limits.budget import NO_LIMITS
from mediagen.records.database import Database
from mediagen.records.jobs import JobRecords
from mediagen.records.usage import UsageRecords

PRICE = Decimal("0.30")
SHORTLY = timedelta(minutes=2)


def add(records: JobRecords, user_id: str, **changes: Any) -> Job:
    """Request one more job; return it, or raise its refusal."""
    new = job(user_id, **({"estimated_cost": PRICE} | changes))
    assert records.add(new, check_at=NOW + SHORTLY)
    return new


def tried(records: JobRecords, user_id: str, claim: Claim | None = None) -> str:
    """Request one more job; return "accepted" or the refusal."""
    try:
        new = job(user_id, estimated_cost=PRICE)
        return "recorded" if records.add(new, check_at=NOW + SHORTLY, claim=claim) else "another's"
    except Refusal as refusal:
        return refusal.code


def end(records: JobRecords, job_id: str, target: Status, cost: Decimal | None = None) -> bool:
    """Complete a job from any status; return whether this call did it."""
    if target is Status.COMPLETED:
        records.move(job_id, Status.PROCESSING, change_to(Status.PROCESSING), now=NOW)
    error = failure("generation_failed") if target is Status.FAILED else None
    return bool(records.move(job_id, target, Change("test", cost=cost, error=error), now=NOW))


def budget(database: Database, user_id: str) -> tuple[Any, Any]:
    """Return the spent and the reserved amount."""
    account = UsageRecords(database).account(user_id, NOW.date(), NOW.date(), now=NOW, defaults=NO_LIMITS)
    return account.budget.spent, account.budget.reserved
