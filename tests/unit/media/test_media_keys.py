"""Keys of stored files."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from mediagen.media.keys import METADATA_NAME, derivative_name, job_folder, original_name
from mediagen.media.types import Family

JOB = "0193552a-6c00-7000-8000-000000000001"
CREATED = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(("family", "folder"), [("video", "videos"), ("image", "images"), ("audio", "audio")])
def test_a_folder_tells_media_user_day_and_job(family: Family, folder: str) -> None:
    expected = f"{folder}/user-1/2026/11/22/{JOB}/"
    assert job_folder(family, user_id="user-1", job_id=JOB, created_at=CREATED) == expected


def test_the_day_is_that_of_the_creation_in_utc() -> None:
    elsewhere = CREATED.astimezone(timezone(timedelta(hours=5)))
    assert "/2026/11/22/" in job_folder("image", user_id="u", job_id=JOB, created_at=elsewhere)


def test_a_time_without_a_zone_or_an_id_that_is_a_path_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="time zone"):
        job_folder("image", user_id="u", job_id=JOB, created_at=CREATED.replace(tzinfo=None))
    for bad in ("", "..", "a/b", "a" * 65, "é"):
        with pytest.raises(ValueError, match="not an id"):
            job_folder("image", user_id=bad, job_id=JOB, created_at=CREATED)


def test_only_further_outputs_have_a_number() -> None:
    assert original_name(1, "mp4") == "original.mp4"
    assert original_name(2, "png") == "original-2.png"
    assert derivative_name("thumbnail", 1) == "thumbnail.jpg"
    assert derivative_name("thumbnail", 3) == "thumbnail-3.jpg"
    assert derivative_name("preview", 1) == "preview.gif"
    assert derivative_name("waveform", 2) == "waveform-2.png"
    assert METADATA_NAME == "metadata.json"
