"""Emptying a folder of a versioned bucket, on both emulators."""

from collections.abc import Callable
from typing import Any

import pytest

from mediagen.aws import media_erasure
from mediagen.aws.errors import AwsError
from mediagen.aws.media_bucket import MediaBucket
from mediagen.aws.media_erasure import MediaErasure
from mediagen.aws.settings import Aws

FOLDER = "images/user-1/2026/11/22/job-1/"
ODD = ["original.webp", "a & b <c> 'd' \"e\" ü 日本 🎬.png", "deeper/100%25+x.png"]


@pytest.fixture
def s3(aws: Aws, boto: Callable[..., Any]) -> Any:
    return boto(aws, "s3")


@pytest.fixture
def bucket(aws: Aws, s3: Any, name: str) -> MediaBucket:
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": aws.region})
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return MediaBucket(aws, name)


@pytest.fixture
def erasure(bucket: MediaBucket) -> MediaErasure:
    return MediaErasure(bucket.aws, bucket.name)


def put(bucket: MediaBucket, *keys: str) -> None:
    for key in keys:
        bucket.put(b"x", key, content_type="text/plain")


def kept(s3: Any, bucket: MediaBucket, prefix: str = "") -> tuple[list[str], list[str]]:
    """List the keys of versions and of delete markers."""
    found = s3.list_object_versions(Bucket=bucket.name, Prefix=prefix)
    return [one["Key"] for one in found.get("Versions", [])], [one["Key"] for one in found.get("DeleteMarkers", [])]


def test_no_version_of_anything_is_left_in_the_folder_and_everything_is_beside_it(
    s3: Any, bucket: MediaBucket, erasure: MediaErasure
) -> None:
    keys = [FOLDER + name for name in ODD]
    beside = ["images/user-1/2026/11/22/job-10/original.webp", "images/user-1/2026/11/22/job-1.webp"]
    put(bucket, *keys, *keys, *beside)
    assert erasure.erase(FOLDER) == 2 * len(keys)
    assert kept(s3, bucket, FOLDER)[0] == []
    assert sorted(kept(s3, bucket)[0]) == sorted(beside)


def test_a_marker_for_each_object_stays_so_that_a_copy_in_another_region_loses_it_too(
    s3: Any, bucket: MediaBucket, erasure: MediaErasure
) -> None:
    put(bucket, FOLDER + "a", FOLDER + "b")
    for _ in range(2):
        erasure.erase(FOLDER)
        assert sorted(kept(s3, bucket, FOLDER)[1]) == [FOLDER + "a", FOLDER + "b"]


def test_earlier_versions_are_found_behind_a_delete_marker(s3: Any, bucket: MediaBucket, erasure: MediaErasure) -> None:
    put(bucket, FOLDER + "a")
    s3.delete_object(Bucket=bucket.name, Key=FOLDER + "a")
    assert erasure.erase(FOLDER) == 1
    assert kept(s3, bucket, FOLDER) == ([], [FOLDER + "a"])


def test_objects_stored_later_are_erased_by_the_next_run(s3: Any, bucket: MediaBucket, erasure: MediaErasure) -> None:
    put(bucket, FOLDER + "a")
    erasure.erase(FOLDER)
    put(bucket, FOLDER + "a")
    assert erasure.erase(FOLDER) == 1
    assert kept(s3, bucket, FOLDER)[0] == []


def test_an_empty_folder_is_nothing_to_do(erasure: MediaErasure) -> None:
    assert erasure.erase(FOLDER) == 0


def test_a_large_folder_is_deleted_in_several_requests(
    s3: Any, bucket: MediaBucket, erasure: MediaErasure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media_erasure, "MOST_AT_ONCE", 2)
    put(bucket, *(f"{FOLDER}{number}" for number in range(5)))
    assert erasure.erase(FOLDER) == 5
    assert kept(s3, bucket, FOLDER)[0] == []


def test_pages_are_read_to_the_last(s3: Any, bucket: MediaBucket, erasure: MediaErasure) -> None:
    keys = [f"{FOLDER}{number:04}" for number in range(1001)]
    put(bucket, *keys)
    assert erasure.erase(FOLDER) == 1001
    assert kept(s3, bucket, FOLDER)[0] == []


@pytest.mark.parametrize("prefix", ["", "/", "images/", "images", "images/user-1/2026/11/22/job-1"])
def test_a_folder_that_belongs_to_no_job_is_left_alone(erasure: MediaErasure, prefix: str) -> None:
    with pytest.raises(ValueError, match="not the folder"):
        erasure.erase(prefix)


def test_a_bucket_that_is_not_there_is_an_error(aws: Aws, name: str) -> None:
    with pytest.raises(AwsError) as caught:
        MediaErasure(aws, name).erase(FOLDER)
    assert caught.value.is_not_found
