"""A client's usage report: periods, sums and the remainder."""

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from get_usage.flow import Ports, get_usage
from mediagen.errors.refusals import InvalidFields, Unauthorized
from mediagen.http.edge import Request
from mediagen.limits.budget import Budget, Limits
from mediagen.records.usage import Account, UsageRecords, Used
from unit.samples import NOW, USER_ID

DEFAULTS = Limits(5, Decimal(10))
DAYS = (
    Used(date(2026, 11, 1), "audio", "musicgen", 2, 1, 0, 0, Decimal("0.10"), Decimal("8.125")),
    Used(date(2026, 11, 3), "image", "flux-schnell", 4, 1, 1, 1, Decimal("0.20"), Decimal("0.875")),
)


@dataclass
class Records(UsageRecords):
    """An account, and the recorded queries about it."""

    limit: Decimal | None = Decimal("0.50")
    asked: list[tuple[Any, ...]] = field(default_factory=list)

    def account(self, user_id: str, start: date, end: date, *, now: datetime, defaults: Limits) -> Account:
        self.asked.append((user_id, start, end, defaults))
        budget = Budget(self.limit, Decimal("0.30"), Decimal("0.053"), now)
        return Account(DAYS, budget, None if self.limit is None else 5, 2)


def ask(
    records: Records, query: dict[str, str] | None = None, user_id: str = USER_ID, now: datetime = NOW
) -> dict[str, Any]:
    answer = get_usage(Request({}, {}, query or {}, b"", user_id, "r"), now=now, ports=Ports(records, DEFAULTS))
    assert answer.status == 200
    body: dict[str, Any] = json.loads(json.dumps(answer.body))
    return body


def test_days_models_totals_and_the_budget_are_told() -> None:
    records = Records()
    assert ask(records) == {
        "from": "2026-11-01",
        "to": "2026-11-23",
        "totals": {"jobs": 6, "completed": 2, "failed": 1, "canceled": 1, "cost": 0.3, "seconds": 9.0},
        "usage": [
            {
                "day": "2026-11-01",
                "mediaType": "audio",
                "modelId": "musicgen",
                "jobs": 2,
                "completed": 1,
                "failed": 0,
                "canceled": 0,
                "cost": 0.1,
                "seconds": 8.125,
            },
            {
                "day": "2026-11-03",
                "mediaType": "image",
                "modelId": "flux-schnell",
                "jobs": 4,
                "completed": 1,
                "failed": 1,
                "canceled": 1,
                "cost": 0.2,
                "seconds": 0.875,
            },
        ],
        "budget": {
            "month": "2026-11",
            "endsAt": "2026-12-01T00:00:00.000Z",
            "limit": 0.5,
            "spent": 0.3,
            "reserved": 0.053,
            "remaining": 0.147,
        },
        "running": {"limit": 5, "jobs": 2},
    }
    assert records.asked == [(USER_ID, date(2026, 11, 1), date(2026, 11, 23), DEFAULTS)]


def test_without_limits_they_are_null() -> None:
    body = ask(Records(limit=None))
    assert (body["budget"]["limit"], body["budget"]["remaining"], body["running"]) == (
        None,
        None,
        {"limit": None, "jobs": 2},
    )


def test_the_remainder_is_never_negative() -> None:
    assert ask(Records(limit=Decimal("0.01")))["budget"]["remaining"] == 0


@pytest.mark.parametrize(
    ("query", "start", "end"),
    [
        ({}, "2026-11-01", "2026-11-23"),
        ({"from": "2026-10-05"}, "2026-10-05", "2026-11-23"),
        ({"to": "2026-11-01"}, "2026-10-01", "2026-11-01"),
        ({"to": "2026-11-02"}, "2026-11-01", "2026-11-02"),
        ({"from": "2026-01-01", "to": "2027-01-01"}, "2026-01-01", "2027-01-01"),
        ({"from": "2024-02-29", "to": "2025-03-01"}, "2024-02-29", "2025-03-01"),
        ({"from": "2030-01-01", "to": "2030-01-02"}, "2030-01-01", "2030-01-02"),
    ],
)
def test_a_period_is_from_a_day_to_before_another(query: dict[str, str], start: str, end: str) -> None:
    body = ask(Records(), query)
    assert (body["from"], body["to"]) == (start, end)


def test_the_month_is_that_of_utc_on_its_last_evening() -> None:
    body = ask(Records(), now=datetime(2026, 11, 30, 23, 59, 59, 999_999, UTC))
    assert (body["from"], body["to"], body["budget"]["month"]) == ("2026-11-01", "2026-12-01", "2026-11")
    body = ask(Records(), now=datetime(2026, 12, 1, tzinfo=UTC))
    assert (body["from"], body["to"], body["budget"]["month"]) == ("2026-12-01", "2026-12-02", "2026-12")


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ({"from": "2026-11-31"}, "from"),
        ({"from": "20261101"}, "from"),
        ({"from": "2026-W45-7"}, "from"),
        ({"from": "2026-11-01T00:00:00Z"}, "from"),
        ({"from": ""}, "from"),
        ({"to": "0001-01-01"}, "to"),
        ({"to": "heute"}, "to"),
        ({"to": "\uff12\uff10\uff12\uff16-11-01"}, "to"),
        ({"day": "2026-11-01"}, "day"),
        ({"from": "2026-11-02", "to": "2026-11-02"}, "to"),
        ({"from": "2026-11-03", "to": "2026-11-02"}, "to"),
        ({"from": "2026-11-23"}, "to"),
        ({"from": "2025-01-01", "to": "2026-01-03"}, "to"),
        ({"from": "9999-12-31"}, "to"),
    ],
)
def test_a_period_that_makes_no_sense_is_refused_with_what_is_wrong(query: dict[str, str], path: str) -> None:
    records = Records()
    with pytest.raises(InvalidFields) as refused:
        ask(records, query)
    assert [error.path for error in refused.value.errors] == [path]
    assert records.asked == []


def test_without_a_user_no_usage_is_returned() -> None:
    records = Records()
    with pytest.raises(Unauthorized):
        ask(records, user_id="")
    assert records.asked == []
