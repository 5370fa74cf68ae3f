"""Limits of a user, as an operator types and reads them."""

from argparse import Namespace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from common.deployer import Deployer
from common.problems import SetupProblem
from common.progress import Progress
from deploy import limits as module
from deploy.limits import limits, read_wanted
from deploy.preflight import Place

NONE: dict[str, Any] = {"ratePerHour": None, "concurrentJobs": None, "monthlyBudget": None}


class Functions(Deployer):
    """manage_access with one user."""

    def __init__(self) -> None:
        self.own = NONE | {"concurrentJobs": 5}
        self.set: list[dict[str, Any]] = []

    def manage_access(self, action: str, **fields: Any) -> Any:
        if action == "set-limits":
            self.set.append(fields)
            self.own |= {name: value for name, value in fields.items() if name != "userId"}
            return {"limits": self.own}
        assert action == "list"
        return {"users": [{"userId": "1", "name": "alice", "limits": self.own}]}


@pytest.fixture
def functions(monkeypatch: pytest.MonkeyPatch) -> Functions:
    made = Functions()
    monkeypatch.setattr(module, "ready", lambda *_: None)
    monkeypatch.setattr(module, "deployer", lambda _: made)
    return made


def run(user: str = "alice", **typed: str) -> str:
    """Run the command; return its output."""
    shown = StringIO()
    given = Namespace(**({"environment": "dev", "user": user, "rate": "", "concurrent": "", "budget": ""} | typed))
    limits(given, Place(Path(), {}, Progress(shown)))
    return shown.getvalue()


def test_without_a_limit_they_are_only_shown(functions: Functions) -> None:
    assert run().splitlines() == [
        "alice may have:",
        "  RATE       the platform's default (generations started in an hour)",
        "  CONCURRENT 5 (jobs that run at a time)",
        "  BUDGET     the platform's default (US dollars in a calendar month (UTC))",
    ]
    assert functions.set == []


def test_what_is_given_is_set_and_shown(functions: Functions) -> None:
    shown = run(rate="50", concurrent="default", budget="12.50")
    assert functions.set == [{"userId": "1", "ratePerHour": 50, "concurrentJobs": None, "monthlyBudget": 12.5}]
    assert "RATE       50 (" in shown and "CONCURRENT the platform's default" in shown and "BUDGET     12.5 (" in shown


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"rate": "many"}, "RATE=many is not a number of generations started in an hour: give a number, or default"),
        ({"concurrent": "1.5"}, "CONCURRENT=1.5 is not a number of jobs that run at a time: give a number, or default"),
        ({"budget": "$5"}, "BUDGET=\\$5 is not a number of US dollars in a calendar month"),
    ],
)
def test_what_is_no_number_is_refused(functions: Functions, typed: dict[str, str], told: str) -> None:
    with pytest.raises(SetupProblem, match=told):
        run(**typed)
    assert functions.set == []


def test_an_unknown_user_is_reported_with_the_command_that_creates_one(functions: Functions) -> None:
    with pytest.raises(SetupProblem, match=r"there is no user bob: create it with make access ENV=dev USER=…"):
        run("bob", rate="5")
    assert functions.set == []


def test_a_user_is_named() -> None:
    with pytest.raises(SetupProblem, match="USER is missing: for example make limits ENV=dev USER=alice BUDGET=25"):
        run(" ")


def test_nothing_typed_is_nothing_wanted() -> None:
    assert read_wanted({"rate": "", "concurrent": " ", "budget": ""}) == {}
