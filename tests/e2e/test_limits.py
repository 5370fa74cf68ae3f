"""Limits and accounts over HTTP: all functions apply the limits that the deployer sets."""

from typing import Any

import pytest

from common.api import ApiClient
from e2e.parts import IMAGE, Platform

ENDLESS = IMAGE | {"prompt": "[[fault:never-finishes]]"}


@pytest.fixture
def limited(platform: Platform) -> Platform:
    """The platform for a new user."""
    mine = Platform(platform.cloud, platform.environment)
    user = mine.deployer.manage_access("create-user", name="limited")
    limits = {"ratePerHour": 4, "concurrentJobs": 2, "monthlyBudget": 0.01}
    assert mine.deployer.manage_access("set-limits", userId=user["userId"], **limits)["limits"] == limits
    key = mine.deployer.manage_access("create-key", userId=user["userId"])["apiKey"]
    mine.client = ApiClient(platform.environment.api_url, key)
    return mine


def asked(platform: Platform, request: dict[str, Any]) -> tuple[int, str | None]:
    """Request media; return status and code."""
    response = platform.client.post("/generate-media", request)
    return response.status, response.json().get("code")


def test_each_limit_refuses_in_its_own_words_and_costs_nothing(limited: Platform) -> None:
    assert limited.generate(IMAGE)["status"] == "completed"
    running = [limited.start(ENDLESS) for _ in range(2)]
    assert asked(limited, ENDLESS) == (429, "too_many_running_jobs")
    assert limited.client.post(f"/jobs/{running[0]}/cancel", b"").status == 200
    assert asked(limited, ENDLESS) == (402, "budget_exceeded")  # 3 times 0.003 dollars are spent or reserved
    account = limited.client.get("/usage").json()
    assert account["running"] == {"limit": 2, "jobs": 1}
    assert (account["budget"]["spent"], account["budget"]["reserved"]) == (0.006, 0.003)
    assert (account["totals"]["jobs"], account["totals"]["completed"], account["totals"]["canceled"]) == (3, 1, 1)
    assert account["totals"]["seconds"] > 0


def test_the_rate_of_the_users_own_holds(limited: Platform) -> None:
    accepted = limited.client.post("/generate-media", ENDLESS)
    assert accepted.headers["ratelimit-policy"] == '"hour";q=4;w=3600'
    assert accepted.headers["ratelimit"].startswith('"hour";r=3;')


def test_periods_are_read_from_the_query(limited: Platform) -> None:
    answer = limited.client.get("/usage?from=2026-01-01&to=2026-02-01")
    assert (answer.json()["from"], answer.json()["to"], answer.json()["usage"]) == ("2026-01-01", "2026-02-01", [])
    refused = limited.client.get("/usage?from=yesterday")
    assert (refused.status, refused.json()["errors"][0]["path"]) == (422, "from")
