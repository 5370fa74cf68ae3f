"""Long polling for changes of a job, on a clock that advances during sleeps."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from get_status.waiting import StatusReaders, Time, wait_for_change
from mediagen.errors.refusals import JobNotFound
from mediagen.jobs.job import Document, tombstone
from mediagen.jobs.state import Status
from unit.samples import NOW, job

FIRST = job(Status.PROCESSING, revision=2)
END = job(Status.COMPLETED, revision=3)


@dataclass
class Bench:
    """Stores in which a job changes at some second; a store that is down knows nothing."""

    changes: dict[float, Document] = field(default_factory=dict)
    is_cache_away: bool = False
    seconds_of_invocation: float = 25.0
    passed: float = 0.0
    looks: list[str] = field(default_factory=list)

    def look(self, store: str) -> Callable[[], Document]:
        def look() -> Document:
            self.looks.append(store)
            happened = [document for at, document in self.changes.items() if at <= self.passed]
            return happened[-1] if happened else FIRST.document()

        return look

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.passed += seconds

    def wait(self, seconds: float, is_news: Callable[[Document], bool] = lambda seen: seen["revision"] > 2) -> Document:
        time = Time(
            lambda: NOW + timedelta(seconds=self.passed), self.sleep, lambda: self.seconds_of_invocation - self.passed
        )
        cache = self.look("cache")
        cached = (lambda: cache() and None) if self.is_cache_away else cache
        eyes = StatusReaders(cached, self.look("table"), self.look("everything"))
        return wait_for_change(FIRST.document(), is_news, until=NOW + timedelta(seconds=seconds), time=time, eyes=eyes)


def test_a_cached_change_is_returned_within_half_a_second() -> None:
    bench = Bench({3.2: END.document()})
    assert bench.wait(20)["status"] == "completed"
    assert bench.passed == 3.5
    assert bench.looks == ["cache"] * 7 + ["everything"]


def test_without_news_the_wait_ends_when_its_time_is_over_and_only_the_cache_was_asked() -> None:
    bench = Bench()
    assert bench.wait(3.2) == FIRST.document()
    assert bench.passed == pytest.approx(3.2)
    assert set(bench.looks) == {"cache"}


def test_without_the_cache_the_table_is_read_every_two_seconds() -> None:
    bench = Bench({9.0: END.document()}, is_cache_away=True)
    assert bench.wait(20)["status"] == "completed"
    assert bench.passed == 10.5
    assert bench.looks == ["cache", "table"] * 6 + ["everything"]


def test_a_job_lost_by_the_cache_is_read_after_the_wait() -> None:
    bench = Bench(is_cache_away=True)
    bench.wait(3.2)
    assert bench.looks == ["cache", "table"] * 3 + ["everything"]


def test_a_wait_ends_in_time_for_an_answer_within_the_invocation() -> None:
    bench = Bench(seconds_of_invocation=10)
    bench.wait(20)
    assert bench.passed == 6


def test_a_state_that_is_not_what_was_waited_for_is_waited_on() -> None:
    again = job(Status.QUEUED, revision=3).document()
    bench = Bench({1.0: again, 2.0: job(Status.PROCESSING, revision=4).document()})
    assert bench.wait(20, lambda seen: seen["revision"] > 3)["revision"] == 4
    assert bench.passed == 2


def test_a_terminal_state_is_returned_also_for_a_wildcard_etag() -> None:
    bench = Bench({1.0: END.document()})
    assert bench.wait(20, lambda _seen: False)["status"] == "completed"
    assert bench.passed == 1


def test_of_a_job_that_is_deleted_meanwhile_nothing_is_shown_any_more() -> None:
    bench = Bench()

    def gone() -> Document:
        raise JobNotFound("There is no such job.")

    eyes = StatusReaders(lambda: tombstone(END), lambda: None, gone)
    time = Time(lambda: NOW + timedelta(seconds=bench.passed), bench.sleep, lambda: 25.0)
    with pytest.raises(JobNotFound):
        wait_for_change(FIRST.document(), lambda _seen: False, until=NOW + timedelta(seconds=1), time=time, eyes=eyes)
