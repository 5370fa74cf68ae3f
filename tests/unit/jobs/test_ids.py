"""Job ids."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediagen.jobs.ids import created_at, is_job_id, new_job_id

MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC))


@given(MOMENTS)
def test_an_id_holds_its_creation_time_to_the_millisecond(moment: datetime) -> None:
    job_id = new_job_id(moment)
    assert is_job_id(job_id)
    assert timedelta(0) <= moment - created_at(job_id) < timedelta(milliseconds=1)


@given(MOMENTS, st.integers(0, 2**62 - 1))
def test_an_id_is_a_uuid_of_version_7_and_the_rfcs_variant(moment: datetime, bits: int) -> None:
    value = uuid.UUID(new_job_id(moment, lambda count: bits & ((1 << count) - 1)))
    assert (value.version, value.variant) == (7, uuid.RFC_4122)


@given(MOMENTS, MOMENTS)
def test_ids_sort_as_their_times_do(one: datetime, other: datetime) -> None:
    first, second = sorted([one, other])
    if second - first >= timedelta(milliseconds=1):
        assert new_job_id(first) < new_job_id(second)


def test_a_thousand_ids_of_one_moment_differ() -> None:
    moment = datetime(2026, 11, 22, tzinfo=UTC)
    assert len({new_job_id(moment) for _ in range(1000)}) == 1000


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        None,
        7,
        b"019ab2c3-d4e5-7abc-8def-0123456789ab",
        "019ab2c3d4e57abc8def0123456789ab",
        "019AB2C3-D4E5-7ABC-8DEF-0123456789AB",
        "{019ab2c3-d4e5-7abc-8def-0123456789a}",
        "urn:uuid:019ab2c3-d4e5-7abc-8def-012",
        "019ab2c3-d4e5-4abc-8def-0123456789ab",
        "019ab2c3-d4e5-7abc-0def-0123456789ab",
        "019ab2c3-d4e5-7abc-8def-0123456789ag",
        "019ab2c3-d4e5-7abc-8def-0123456789ab ",
        "019ab2c3-d4e5-7abc-8def-0123456789a\u0663",
        "../../../../../../../../../../../etc",
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-7fff-bfff-ffffffffffff",  # a time after the year 9999
    ],
)
def test_anything_else_is_no_job_id(text: object) -> None:
    assert not is_job_id(text)


def test_the_last_id_there_can_be_still_has_a_time() -> None:
    last = new_job_id(datetime.max.replace(tzinfo=UTC))
    assert is_job_id(last)
    assert created_at(last).year == 9999


@given(st.text(max_size=40))
def test_no_text_makes_the_check_fail(text: str) -> None:
    if is_job_id(text):
        created_at(text)
