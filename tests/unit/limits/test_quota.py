"""The sliding counter of two windows: the remainder, the next free unit, and the response headers."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mediagen.limits.quota import WINDOW_SECONDS, Quota, position

HOUR = datetime(2026, 11, 22, 17, tzinfo=UTC)
COUNTS = st.integers(0, 300)


def quota(limit: int, last: int, current: int, minutes: float = 0) -> Quota:
    """Make a quota at this minute of the hour."""
    return Quota(limit, last, current, HOUR + timedelta(minutes=minutes))


def later(now: Quota, seconds: int) -> Quota:
    """Let time pass without requests."""
    at = now.at + timedelta(seconds=seconds)
    gone = position(at)[0] - position(now.at)[0]
    last, current = [(now.last, now.current), (now.current, 0), (0, 0)][min(gone, 2)]
    return Quota(now.limit, last, current, at)


@pytest.mark.parametrize(
    ("last", "current", "minutes", "remaining"),
    [(0, 0, 0, 100), (0, 30, 59, 70), (100, 0, 0, 0), (100, 0, 30, 50), (100, 20, 45, 55), (7, 0, 59.9, 100)],
)
def test_the_last_hour_counts_as_far_as_it_is_still_covered(
    last: int, current: int, minutes: float, remaining: int
) -> None:
    assert quota(100, last, current, minutes).remaining == remaining


def test_windows_are_the_hours_since_1970_which_all_containers_count_alike() -> None:
    assert position(HOUR + timedelta(milliseconds=7)) == (int(HOUR.timestamp()) // 3600, 7)
    assert position(datetime(1970, 1, 1, 1, tzinfo=UTC)) == (1, 0)


def test_a_request_that_is_not_refused_is_admitted() -> None:
    assert quota(10, 0, 1).is_admitted is True


def test_usage_over_a_lowered_limit_leaves_no_units() -> None:
    assert quota(10, 100, 50).remaining == 0


@pytest.mark.parametrize(
    ("limit", "last", "current", "minutes", "seconds"),
    [
        (1, 0, 1, 15, 45 * 60 + 1),  # as soon as the next hour has begun
        (100, 0, 100, 15, 45 * 60 + 1),
        (100, 100, 51, 30, 37),  # 36 s for each request of the last hour
        (100, 100, 51, 1800.001 / 60, 36),  # to the millisecond
        (1, 0, 1, 3599.999 / 60, 1),
        (10, 0, 20, 30, 60 * 60 + 1),  # over a limit that was lowered: free in the middle of the next hour
    ],
)
def test_the_next_one_is_admitted_when_enough_has_slid_out(
    limit: int, last: int, current: int, minutes: float, seconds: int
) -> None:
    assert quota(limit, last, current, minutes).seconds_to_next == seconds


@given(st.integers(1, 200), COUNTS, COUNTS, st.integers(0, WINDOW_SECONDS * 1000 - 1))
def test_at_that_second_one_is_admitted_and_a_second_earlier_none(
    limit: int, last: int, current: int, milliseconds: int
) -> None:
    now = Quota(limit, last, current, HOUR + timedelta(milliseconds=milliseconds))
    assume(not now.remaining)
    seconds = now.seconds_to_next
    assert later(now, seconds).remaining > 0
    assert seconds == 1 or later(now, seconds - 1).remaining == 0


@given(st.integers(1, 200), COUNTS, COUNTS, st.integers(0, WINDOW_SECONDS - 1))
def test_under_a_constant_limit_no_wait_exceeds_an_hour(limit: int, last: int, current: int, seconds: int) -> None:
    now = Quota(limit, min(last, limit), min(current, limit), HOUR + timedelta(seconds=seconds))
    assume(not now.remaining)
    assert now.seconds_to_next <= WINDOW_SECONDS + 1


@pytest.mark.parametrize(
    ("now", "standing"),
    [
        (quota(100, 0, 50, 30), '"hour";r=50;t=1800'),
        (quota(100, 0, 100, 30), '"hour";r=0;t=1801'),
        (quota(100, 100, 51, 30), '"hour";r=0;t=37'),
    ],
)
def test_the_headers_are_those_of_the_draft(now: Quota, standing: str) -> None:
    assert now.headers() == {"RateLimit-Policy": '"hour";q=100;w=3600', "RateLimit": standing}
