"""Every seeded bug still has the place that it changes; what it breaks is seen by `make seeded`."""

import pytest

from integration.databases import migrate, new_database
from integration.flows.faults.seeded import BUGS, Planting


@pytest.fixture(scope="module")
def other_database(postgres: str) -> str:
    """Make a database that no other test uses."""
    url = new_database(postgres)
    migrate(url)
    return url


@pytest.mark.parametrize("bug", BUGS)
def test_the_place_of_a_bug_is_there(bug: str, other_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    BUGS[bug](Planting(monkeypatch, other_database))


def test_a_place_that_is_gone_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AttributeError):
        Planting(monkeypatch, "").instead("process_webhook.flow:no_such_step", lambda _: lambda: None)
    with pytest.raises(AssertionError):
        Planting(monkeypatch, "").in_text("mediagen.records.callbacks:_CLAIM", "no such text", "")
