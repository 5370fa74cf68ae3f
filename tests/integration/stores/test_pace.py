"""The shared rate limiter on a real Redis: immediate slots, delayed ones, and the pause after a refusal."""

import heapq
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from redis import Redis

from integration.stores.jobs import NOW
from integration.wire import closed_port
from mediagen.cache.cache import Cache
from mediagen.cache.pace import DOUBTS, KEY, LATE_SECONDS, LONGEST_PAUSE_SECONDS, PROBE_SECONDS, Pace
from mediagen.limits.dispatch import Turn

PER_MINUTE, BURST = 600, 30
STEP = timedelta(milliseconds=100)
SECOND = timedelta(seconds=1)
GO, WATCHED = Turn(), Turn(is_watched=True)


@pytest.fixture
def pace(cache: Cache) -> Pace:
    return Pace(cache, PER_MINUTE)


@pytest.fixture
def used_up(pace: Pace) -> Pace:
    """A token bucket without saved tokens."""
    assert [pace.ask(NOW) for _ in range(BURST)] == [GO] * BURST
    return pace


@pytest.fixture
def paused(pace: Pace) -> Pace:
    """A rate limiter that a refusal of Replicate has paused for ten seconds."""
    assert pace.refused(10, NOW) == NOW + 10 * SECOND
    return pace


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_twentieth_of_a_minute_goes_at_once_and_the_others_one_step_after_another(used_up: Pace) -> None:
    told = [used_up.ask(NOW).ask_at for _ in range(4)]
    assert told == [NOW + STEP * number for number in range(1, 5)]


def test_a_job_that_returns_at_its_dispatch_slot_may_go(used_up: Pace) -> None:
    [first, second] = [used_up.ask(NOW).ask_at for _ in range(2)]
    assert first and second
    assert [used_up.ask(first), used_up.ask(second)] == [GO, GO]


def test_late_jobs_do_not_form_a_burst(used_up: Pace) -> None:
    for _ in range(200):
        used_up.ask(NOW)
    late = NOW + timedelta(minutes=1)
    went = [used_up.ask(late) for _ in range(200)]
    assert went.count(GO) == BURST


def test_a_backlog_drains_at_the_rate_and_no_job_asks_often(cache: Cache) -> None:
    pace, queue = Pace(cache, 500), [(NOW, number) for number in range(2000)]
    sent: list[datetime] = []
    asked = 0
    while queue:
        moment, number = heapq.heappop(queue)
        asked += 1
        turn = pace.ask(moment)
        if turn.ask_at:
            whole = (turn.ask_at - NOW) // SECOND + 1  # a queue delays by whole seconds
            heapq.heappush(queue, (NOW + whole * SECOND, number))
        else:
            sent.append(moment)
    minutes = [sum(start <= moment < start + timedelta(minutes=1) for moment in sent) for start in sent[::50]]
    assert max(minutes) <= 500 + 25
    assert sent[-1] - NOW <= timedelta(minutes=4)
    assert asked < 2.2 * len(sent)


def test_a_new_job_goes_unless_a_job_is_queued(used_up: Pace) -> None:
    waiting = used_up.ask(NOW).ask_at
    assert waiting
    assert used_up.ask(waiting, is_new=True).ask_at  # the request that waited longer may run a little late
    calm = waiting + (LATE_SECONDS + 1) * SECOND
    assert used_up.ask(calm, is_new=True) == GO


def test_a_new_job_that_waits_counts_as_queued(used_up: Pace) -> None:
    first, second = (used_up.ask(NOW, is_new=True).ask_at for _ in range(2))
    assert first and second and first < second


def test_no_job_goes_during_a_pause_and_then_one_goes_first(paused: Pace) -> None:
    end = NOW + 10 * SECOND
    told = [paused.ask(NOW + number * SECOND).ask_at for number in range(9)]
    assert all(moment and moment >= end for moment in told)
    assert len(set(told)) == len(told)
    assert paused.ask(end) == WATCHED
    assert paused.ask(end).ask_at


def test_a_new_job_is_never_the_first_one_after_a_pause(paused: Pace) -> None:
    assert paused.ask(NOW + timedelta(hours=1), is_new=True).ask_at
    assert paused.ask(NOW + timedelta(hours=1)) == WATCHED


def test_once_replicate_accepts_one_the_others_follow(paused: Pace) -> None:
    end = NOW + 10 * SECOND
    paused.ask(end)
    paused.taken(end + SECOND)
    assert [paused.ask(end + SECOND) for _ in range(5)] == [GO] * 5
    assert paused.ask(end + (1 + LATE_SECONDS) * SECOND, is_new=True) == GO


def test_if_the_first_one_has_no_known_outcome_another_goes(paused: Pace) -> None:
    end = NOW + 10 * SECOND
    paused.ask(end)
    assert paused.ask(end + (PROBE_SECONDS - 1) * SECOND).ask_at
    assert paused.ask(end + PROBE_SECONDS * SECOND) == WATCHED


@pytest.mark.parametrize(
    ("asked", "expected"), [(5, [5, 10, 20, 40, 60, 60]), (10, [10, 20, 40, 60, 60]), (300, [300, 300, 300])]
)
def test_pauses_in_a_row_are_longer_each_time_up_to_a_minute(pace: Pace, asked: int, expected: list[int]) -> None:
    moment, seconds = NOW, []
    for _ in expected:
        end = pace.refused(asked, moment)
        assert end
        seconds.append(round((end - moment).total_seconds()))
        moment = end
    assert seconds == expected
    pace.taken(moment)
    assert pace.refused(asked, moment) == moment + asked * SECOND


def test_simultaneous_refusals_cause_one_pause(pace: Pace, capsys: pytest.CaptureFixture[str]) -> None:
    assert {pace.refused(5, NOW) for _ in range(20)} == {NOW + 5 * SECOND}
    assert pace.refused(5, NOW + 5 * SECOND) == NOW + 15 * SECOND
    told = [(line["SubmissionsPaused"], line["metadata"]) for line in lines(capsys)]
    assert told == [(1, {"seconds": 5, "pauses": 1}), (1, {"seconds": 10, "pauses": 2})]


def test_a_recovery_is_reported_once(pace: Pace, capsys: pytest.CaptureFixture[str]) -> None:
    pace.refused(10, NOW)
    for _ in range(2):
        pace.taken(NOW)
    assert [line["action"] for line in lines(capsys)] == ["submissions.paused", "submissions.resumed"]


def test_calls_of_which_nothing_is_known_begin_a_pause_when_none_succeeds(pace: Pace) -> None:
    for _ in range(DOUBTS - 1):
        pace.doubted(NOW)
    assert pace.ask(NOW, is_new=True) == WATCHED
    pace.taken(NOW)
    for _ in range(DOUBTS):
        assert pace.ask(NOW, is_new=True).ask_at is None
        pace.doubted(NOW)
    assert pace.ask(NOW).ask_at


def test_the_first_one_after_a_pause_that_is_in_doubt_prolongs_it(paused: Pace) -> None:
    end = NOW + 10 * SECOND
    assert paused.ask(end) == WATCHED
    paused.doubted(end)
    assert paused.ask(end + 19 * SECOND).ask_at
    assert paused.ask(end + 20 * SECOND) == WATCHED


def test_the_last_assigned_dispatch_slot_is_known(used_up: Pace) -> None:
    assert used_up.busy_until(NOW) is None
    told = [used_up.ask(NOW).ask_at for _ in range(3)]
    assert told[-1]
    assert used_up.busy_until(NOW) == told[-1] + STEP
    assert used_up.busy_until(told[-1] + STEP) is None


def test_twenty_concurrent_jobs_get_distinct_dispatch_slots(used_up: Pace, redis: str) -> None:
    paces = [Pace(Cache(lambda: redis), PER_MINUTE) for _ in range(20)]
    with ThreadPoolExecutor(20) as pool:
        told = list(pool.map(lambda pace: pace.ask(NOW).ask_at, paces))
    assert None not in told
    assert len(set(told)) == 20


@pytest.mark.parametrize("per_minute", [1, 6, 7, 60, 500, 6000])
def test_any_rate_is_kept(cache: Cache, redis_client: Redis, per_minute: int) -> None:
    pace, most = Pace(cache, per_minute), max(per_minute // 20, 1)
    assert [pace.ask(NOW) for _ in range(most + 1)].count(GO) == most
    told = pace.ask(NOW).ask_at
    assert told and told - NOW >= timedelta(minutes=1) / per_minute
    ttl = redis_client.ttl(KEY)
    assert isinstance(ttl, int) and 3600 <= ttl <= 3600 + 180


def test_without_redis_every_job_goes_and_the_outage_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    pace = Pace(Cache(lambda: f"redis://127.0.0.1:{closed_port()}"), PER_MINUTE)
    assert [pace.ask(NOW), pace.ask(NOW, is_new=True)] == [GO, GO]
    assert pace.refused(5, NOW) is None
    pace.doubted(NOW)
    pace.taken(NOW)
    assert pace.busy_until(NOW) is None
    degraded = [line for line in lines(capsys) if line["action"] == "degraded"]
    assert degraded and {line["Degraded"] for line in degraded} == {1}


def test_a_long_pause_is_not_forgotten(pace: Pace, redis_client: Redis) -> None:
    pace.refused(3 * 3600, NOW)
    ttl = redis_client.ttl(KEY)
    assert isinstance(ttl, int) and ttl > 3 * 3600
    assert LONGEST_PAUSE_SECONDS < 3600
