"""Answer the caller's usage by day and model, and what is left of the month's budget."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from get_usage.period import read_period
from mediagen.http.edge import Request, Response
from mediagen.limits.budget import Limits
from mediagen.records.usage import UsageRecords, Used


@dataclass(frozen=True, slots=True)
class Ports:
    """Dependencies of answering the usage."""

    records: UsageRecords
    defaults: Limits


def get_usage(request: Request, *, now: datetime, ports: Ports) -> Response:
    """Answer the totals, and each day's usage of each model. Raises InvalidFields, Unavailable."""
    user_id, period = request.caller(None), read_period(request.query, now)
    account = ports.records.account(user_id, period.start, period.end, now=now, defaults=ports.defaults)
    body: dict[str, object] = {
        "from": period.start.isoformat(),
        "to": period.end.isoformat(),
        "totals": _sums(account.used),
        "usage": [_line(used) for used in account.used],
        "budget": account.budget.document(),
        "running": {"limit": account.job_limit, "jobs": account.running},
    }
    return Response(200, body)


def _line(used: Used) -> dict[str, object]:
    named = {"day": used.day.isoformat(), "mediaType": used.media_type, "modelId": used.model_id}
    return named | _sums([used])


def _sums(parts: Sequence[Used]) -> dict[str, object]:
    return {
        "jobs": sum(used.jobs for used in parts),
        "completed": sum(used.completed for used in parts),
        "failed": sum(used.failed for used in parts),
        "canceled": sum(used.canceled for used in parts),
        "cost": float(sum(used.cost for used in parts)),
        "seconds": float(sum(used.seconds for used in parts)),
    }
