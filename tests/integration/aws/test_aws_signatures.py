"""Signatures as a verifying server sees them: MiniStack with AUTH=true recomputes each one."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import urllib3

from mediagen.aws.client import call
from mediagen.aws.credentials import Credentials
from mediagen.aws.errors import AwsError
from mediagen.aws.media_bucket import MediaBucket
from mediagen.aws.settings import Aws

ODD_KEY = "videos/ü ser/a+b ~c*'(d)=&?#%25;日本🎬.mp4"
# One read of each JSON service that needs no existing resource.
READS = {
    "dynamodb": "ListTables",
    "secretsmanager": "ListSecrets",
    "sqs": "ListQueues",
    "ssm": "DescribeParameters",
}
ACTIONS = ["s3:PutObject", "s3:GetObject", *(f"{service}:{read}" for service, read in READS.items())]


@pytest.fixture
def bucket_name(ministack: Aws, boto: Callable[..., Any], name: str) -> str:
    location = {"LocationConstraint": ministack.region}
    boto(ministack, "s3").create_bucket(Bucket=name, CreateBucketConfiguration=location)
    return name


@pytest.fixture
def user(ministack: Aws, boto: Callable[..., Any], name: str) -> Aws:
    """Call as a user with a key of its own, because root's secret is a default that everybody knows."""
    iam = boto(ministack, "iam")
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="calls", PolicyDocument=policy())
    key = iam.create_access_key(UserName=name)["AccessKey"]
    signer = Credentials(key["AccessKeyId"], key["SecretAccessKey"])
    return replace(ministack, credentials=lambda: signer)


@pytest.fixture
def role(ministack: Aws, boto: Callable[..., Any], name: str) -> Aws:
    """Call as a role, as a function does: with temporary keys and a token."""
    iam = boto(ministack, "iam")
    trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="calls", PolicyDocument=policy())
    keys = boto(ministack, "sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
    signer = Credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    return replace(ministack, credentials=lambda: signer)


@pytest.fixture(params=["user", "role"])
def caller(request: pytest.FixtureRequest) -> Aws:
    settings: Aws = request.getfixturevalue(request.param)
    return settings


def policy() -> str:
    statement = {"Effect": "Allow", "Action": ACTIONS, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def with_wrong_secret(aws: Aws) -> Aws:
    right = aws.credentials()
    wrong = Credentials(right.access_key, right.secret_key[::-1], right.token)
    return replace(aws, credentials=lambda: wrong)


def followed(link: str) -> urllib3.BaseHTTPResponse:
    return urllib3.request("GET", link, retries=False)


@pytest.mark.parametrize("service", READS)
def test_a_json_call_is_accepted_with_the_right_secret_only(caller: Aws, service: str) -> None:
    assert call(caller, service, READS[service], {}) is not None
    with pytest.raises(AwsError) as caught:
        call(with_wrong_secret(caller), service, READS[service], {})
    assert caught.value.code in ("InvalidSignatureException", "SignatureDoesNotMatch")
    assert caught.value.status in (400, 403)


def test_a_call_that_the_policy_does_not_allow_is_refused(caller: Aws) -> None:
    with pytest.raises(AwsError) as caught:
        call(caller, "secretsmanager", "GetSecretValue", {"SecretId": "any"})
    assert caught.value.code in ("AccessDenied", "AccessDeniedException")


def test_an_object_is_stored_with_the_right_secret_only(caller: Aws, bucket_name: str) -> None:
    MediaBucket(caller, bucket_name).put(b"x", ODD_KEY, content_type="text/plain; charset=utf-8")
    with pytest.raises(AwsError) as caught:
        MediaBucket(with_wrong_secret(caller), bucket_name).put(b"x", ODD_KEY, content_type="text/plain")
    assert (caught.value.code, caught.value.status) == ("SignatureDoesNotMatch", 403)


def test_a_file_is_stored_with_its_signed_hash(caller: Aws, bucket_name: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"media" * 200_000)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    bucket = MediaBucket(caller, bucket_name)
    bucket.upload(file, ODD_KEY, content_type="video/mp4", sha256=digest)
    assert followed(bucket.link(ODD_KEY, seconds=60)).data == file.read_bytes()
    with pytest.raises(AwsError) as caught:
        MediaBucket(with_wrong_secret(caller), bucket_name).upload(
            file, ODD_KEY, content_type="video/mp4", sha256=digest
        )
    assert caught.value.code == "SignatureDoesNotMatch"


def test_a_link_to_an_odd_key_opens_with_the_right_secret_only(caller: Aws, bucket_name: str) -> None:
    MediaBucket(caller, bucket_name).put(b"media", ODD_KEY, content_type="video/mp4")
    disposition = "attachment; filename=\"a b+c.mp4\"; filename*=UTF-8''%E6%97%A5.mp4"
    link = MediaBucket(caller, bucket_name).link(ODD_KEY, seconds=60, disposition=disposition)
    answer = followed(link)
    assert (answer.status, answer.data) == (200, b"media")
    assert answer.headers["Content-Disposition"] == disposition
    wrong = MediaBucket(with_wrong_secret(caller), bucket_name).link(ODD_KEY, seconds=60)
    assert followed(wrong).status == 403


def test_a_link_opens_neither_another_object_nor_after_a_change(caller: Aws, bucket_name: str) -> None:
    for key in ("mine", "other"):
        MediaBucket(caller, bucket_name).put(b"media", key, content_type="video/mp4")
    link = MediaBucket(caller, bucket_name).link("mine", seconds=60, content_type="video/mp4")
    assert followed(link).status == 200
    assert followed(link.replace("/mine?", "/other?")).status == 403
    assert followed(link.replace("X-Amz-Expires=60", "X-Amz-Expires=600")).status == 403
    assert followed(link.replace("video%2Fmp4", "text%2Fhtml")).status == 403


def test_a_link_expires(caller: Aws, bucket_name: str) -> None:
    MediaBucket(caller, bucket_name).put(b"media", "key", content_type="video/mp4")
    earlier = replace(caller, now=lambda: caller.now() - timedelta(seconds=61))
    assert followed(MediaBucket(earlier, bucket_name).link("key", seconds=60)).status == 403
    assert followed(MediaBucket(earlier, bucket_name).link("key", seconds=120)).status == 200
