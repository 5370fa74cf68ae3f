"""Instants."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediagen.times import iso, optional_iso, parse_iso, parse_optional_timestamp, utc_now

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=ZONES)


@given(MOMENTS)
def test_a_written_instant_reads_back_to_the_millisecond_in_any_zone(moment: datetime) -> None:
    text = iso(moment)
    assert len(text) == len("2026-11-22T17:00:00.123Z")
    assert text.endswith("Z")
    assert timedelta(0) <= moment - parse_iso(text) < timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("text", "microseconds"),
    [
        ("2026-11-22T17:00:00Z", 0),
        ("2026-11-22T17:00:00.1Z", 100_000),
        ("2026-11-22T17:00:00.123Z", 123_000),
        ("2026-11-22T17:00:00.123456Z", 123_456),
        ("2026-11-22T17:00:00.123456789Z", 123_456),
        ("2026-11-22T18:00:00.123456789+01:00", 123_456),
        ("2026-11-22T17:00:00.999999999", 999_999),
    ],
)
def test_replicates_fractions_of_any_length_are_read(text: str, microseconds: int) -> None:
    assert parse_iso(text) == datetime(2026, 11, 22, 17, 0, 0, microseconds, tzinfo=UTC)


@pytest.mark.parametrize("value", [None, 1700000000, "", "yesterday", "2026-13-01T00:00:00Z", {}, "\0", "9" * 5000])
def test_an_invalid_instant_is_none(value: object) -> None:
    assert parse_optional_timestamp(value) is None


def test_a_reported_instant_is_parsed() -> None:
    assert parse_optional_timestamp("2026-11-22T17:00:00Z") == datetime(2026, 11, 22, 17, tzinfo=UTC)


def test_a_missing_instant_stays_missing() -> None:
    assert optional_iso(None) is None
    assert optional_iso(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00.000Z"


def test_the_clock_is_in_utc() -> None:
    assert utc_now().utcoffset() == timedelta(0)
