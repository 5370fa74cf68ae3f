"""Long polls take a slot, of which a user has a few; without one they are answered at once."""

from datetime import timedelta

import pytest

from get_status.waiting import Time
from mediagen.jobs.state import Status
from unit.conftest import Logged
from unit.get_status.test_get_status import Places, Stores, ask
from unit.samples import NOW, job


def test_without_a_free_place_the_answer_comes_at_once(logged: Logged) -> None:
    places = Places(free=0)
    answer = ask(Stores(), job(), query={"wait": "20"}, places=places)
    assert (answer.status, answer.body["status"], answer.headers["Retry-After"]) == (200, "submitting", "3")
    assert "status.not_waited" in [line["action"] for line in logged()]


def test_a_place_is_left_when_the_wait_is_over() -> None:
    places, passed = Places(), list[float]()
    time = Time(lambda: NOW + timedelta(seconds=sum(passed)), passed.append, lambda: 25.0)
    ask(Stores(), job(), query={"wait": "20"}, time=time, places=places)
    assert (sum(passed), places) == (20, Places(free=1, taken=1))


@pytest.mark.parametrize(("status", "query"), [(Status.COMPLETED, {"wait": "20"}), (Status.PROCESSING, {})])
def test_an_answer_that_does_not_wait_takes_no_place(status: Status, query: dict[str, str]) -> None:
    places = Places()
    ask(Stores(), job(status), query=query, places=places)
    assert places.taken == 0
