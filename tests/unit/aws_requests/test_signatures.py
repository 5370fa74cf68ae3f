"""Signatures that AWS would refuse, each planted in a request that boto3 signed."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from aws_requests.reading import read
from aws_requests.recording import Body, Exchange
from aws_requests.signatures import check
from contract.aws_requests.exchanges import exchange


def signed() -> Exchange:
    return exchange("s3", lambda s3: s3.put_object(Bucket="b", Key="k", Body=b"content"))


def with_headers(sent: Exchange, **changes: str) -> Exchange:
    named = {name.replace("_", "-"): value for name, value in changes.items()}
    return replace(sent, headers=tuple({**dict(sent.headers), **named}.items()))


def problems(sent: Exchange) -> list[str]:
    return [finding.message for finding in check(read(1, signed()), sent)]


def test_what_boto3_signed_passes() -> None:
    assert problems(signed()) == []


MISTAKES: dict[str, tuple[Callable[[Exchange], Exchange], str]] = {
    "another secret": (lambda sent: replace(sent, secret="other"), "does not match"),
    "another method": (lambda sent: replace(sent, method="POST"), "does not match"),
    "another path": (lambda sent: replace(sent, path="/b/other"), "does not match"),
    "another query": (lambda sent: replace(sent, query="acl="), "does not match"),
    "another body": (lambda sent: replace(sent, body=Body.of([b"other"])), "not the hash of the body"),
    "an unsigned header": (lambda sent: with_headers(sent, x_amz_acl="private"), "x-amz-acl"),
    "an unknown access key": (lambda sent: replace(sent, secret=""), "the access key is unknown"),
    "signed an hour ago": (lambda sent: replace(sent, started=sent.started + 3600), "before it was sent"),
    "temporary credentials without their token": (
        lambda sent: with_headers(
            sent, authorization=dict(sent.headers)["authorization"].replace("Credential=test/", "Credential=ASIA1/")
        ),
        "session token",
    ),
    "the scope of another day": (
        lambda sent: with_headers(sent, x_amz_date="20200101T000000Z"),
        "the credential scope is of",
    ),
}


@pytest.mark.parametrize(("change", "message"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_found(change: Callable[[Exchange], Exchange], message: str) -> None:
    assert any(message in found for found in problems(change(signed())))


def test_s3_wants_the_hash_of_the_body() -> None:
    sent = signed()
    without = replace(sent, headers=tuple(one for one in sent.headers if one[0] != "x-amz-content-sha256"))
    assert "S3 wants x-amz-content-sha256" in problems(without)


def test_iam_takes_requests_signed_for_its_own_region_only() -> None:
    sent = exchange("iam", lambda iam: iam.list_roles())
    request = read(1, sent)
    elsewhere = with_headers(sent, authorization=dict(sent.headers)["authorization"].replace("us-east-1", "eu-west-1"))
    assert list(check(request, sent)) == []
    assert any("iam takes requests signed for us-east-1 only" in found.message for found in check(request, elsewhere))
