"""The media bucket, on both emulators."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import urllib3

from mediagen.aws.credentials import Credentials
from mediagen.aws.errors import AwsError
from mediagen.aws.media_bucket import MediaBucket
from mediagen.aws.settings import Aws

KEY = "videos/user-1/2026/11/22/job-1/original.mp4"
ODD_KEYS = [
    KEY,
    "a b+c~d*e'f(g)!&=@:,;$/ü/日本/🎬.mp4",
    "100%25 %2F?#[x].png",
    "images//double/slash.png",
    "a/./b/../c.png",
]


@pytest.fixture
def s3(aws: Aws, boto: Callable[..., Any]) -> Any:
    return boto(aws, "s3")


@pytest.fixture
def bucket(aws: Aws, s3: Any, name: str) -> MediaBucket:
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": aws.region})
    return MediaBucket(aws, name)


def followed(link: str) -> urllib3.BaseHTTPResponse:
    """Request a link byte for byte; urllib3 would resolve the dots in the path of a whole URL."""
    host = link.split("/")[2]
    with urllib3.connection_from_url(f"http://{host}") as pool:
        return pool.request("GET", link.partition(host)[2], retries=False)


def test_an_uploaded_file_has_its_bytes_and_content_type(s3: Any, bucket: MediaBucket, tmp_path: Path) -> None:
    content = bytes(range(256)) * 4000  # several blocks, the last one not full
    file = tmp_path / "original.mp4"
    file.write_bytes(content)
    bucket.upload(file, KEY, content_type="video/mp4", sha256=hashlib.sha256(content).hexdigest())
    stored = s3.get_object(Bucket=bucket.name, Key=KEY)
    assert stored["Body"].read() == content
    assert stored["ContentType"] == "video/mp4"
    assert stored["ContentLength"] == len(content)


def test_an_empty_file_is_stored_as_such(s3: Any, bucket: MediaBucket, tmp_path: Path) -> None:
    file = tmp_path / "empty"
    file.touch()
    bucket.upload(file, KEY, content_type="text/plain", sha256=hashlib.sha256().hexdigest())
    assert s3.get_object(Bucket=bucket.name, Key=KEY)["ContentLength"] == 0


@pytest.mark.parametrize("key", ODD_KEYS)
def test_a_link_reads_what_was_stored_under_an_odd_key(s3: Any, bucket: MediaBucket, key: str) -> None:
    bucket.put(b'{"a": 1}', key, content_type="application/json")
    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket.name)["Contents"]] == [key]
    answer = followed(bucket.link(key, seconds=60))
    assert (answer.status, answer.data) == (200, b'{"a": 1}')
    assert answer.headers["Content-Type"] == "application/json"


def test_a_link_can_name_the_file_it_is_saved_as(bucket: MediaBucket) -> None:
    bucket.put(b"x", KEY, content_type="application/octet-stream")
    disposition = 'attachment; filename="my video+1.mp4"'
    answer = followed(bucket.link(KEY, seconds=60, content_type="video/mp4", disposition=disposition))
    assert answer.headers["Content-Disposition"] == disposition
    assert answer.headers["Content-Type"] == "video/mp4"


def test_a_bucket_that_is_not_there_is_an_error(aws: Aws, name: str) -> None:
    with pytest.raises(AwsError) as caught:
        MediaBucket(aws, name).put(b"x", KEY, content_type="text/plain")
    assert caught.value.is_not_found
    assert caught.value.code == "NoSuchBucket"


def test_in_aws_the_bucket_is_part_of_the_host_name() -> None:
    in_aws = Aws("eu-west-1", lambda: Credentials("key", "secret"))
    link = MediaBucket(in_aws, "vsl-homolog-media-123456789012").link("a b.mp4", seconds=60)
    assert link.startswith(
        "https://vsl-homolog-media-123456789012.s3.eu-west-1.amazonaws.com/a%20b.mp4?X-Amz-Algorithm="
    )


def test_a_bucket_that_is_there_can_be_looked_at_and_another_cannot(bucket: MediaBucket) -> None:
    bucket.look()
    with pytest.raises(AwsError) as refused:
        MediaBucket(bucket.aws, f"{bucket.name}-not").look()
    assert refused.value.code == "NoSuchBucket"


def test_a_key_that_is_in_use_keeps_its_bytes(s3: Any, bucket: MediaBucket) -> None:
    assert bucket.put_new(b"first", KEY, content_type="text/plain") == b"first"
    assert bucket.put_new(b"second", KEY, content_type="text/plain") == b"first"
    stored = s3.get_object(Bucket=bucket.name, Key=KEY)
    assert (stored["Body"].read(), stored["ContentType"]) == (b"first", "text/plain")


def test_a_key_whose_object_was_deleted_is_unused(s3: Any, bucket: MediaBucket) -> None:
    s3.put_bucket_versioning(Bucket=bucket.name, VersioningConfiguration={"Status": "Enabled"})
    bucket.put_new(b"first", KEY, content_type="text/plain")
    s3.delete_object(Bucket=bucket.name, Key=KEY)
    assert bucket.put_new(b"second", KEY, content_type="text/plain") == b"second"
    assert s3.get_object(Bucket=bucket.name, Key=KEY)["Body"].read() == b"second"
