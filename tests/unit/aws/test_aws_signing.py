"""Our signatures equal botocore's, byte for byte."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import boto3
import botocore.auth
import pytest
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials as BotocoreCredentials
from hypothesis import given
from hypothesis import strategies as st

from mediagen.aws.credentials import Credentials
from mediagen.aws.signing import percent_encode, presign, sign_headers

NOW = datetime(2026, 11, 22, 17, 0, 5, tzinfo=UTC)
REGION = "eu-west-1"
LASTING = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
TEMPORARY = Credentials("ASIDEXAMPLE", "secret/with+odd=characters", "token//with+odd==characters")
ODD = [" ", "+", "~", "*", "%2F", "%", "a b", "ü/ñ", "..", ".", "a/./b/../c", "//", "/", "=&?#", "日本", "🎬"]

credentials = st.sampled_from([LASTING, TEMPORARY])
services = st.sampled_from(["s3", "dynamodb", "execute-api"])
# No lone surrogates: they have no UTF-8 form, so neither signer accepts them.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.sampled_from(ODD)
header_values = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30)
headers = st.dictionaries(st.sampled_from(["Content-Type", "X-Amz-Target", "X-Amz-Meta-A"]), header_values)


@pytest.fixture(autouse=True, scope="module")
def botocore_clock() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.auth, "get_current_datetime", lambda: NOW)
        yield


def for_botocore(signer: Credentials) -> Any:
    return BotocoreCredentials(signer.access_key, signer.secret_key, signer.token)


def assert_same_headers(
    service: str, signer: Credentials, url: str, given_headers: Mapping[str, str], body: bytes = b""
) -> None:
    expected: Any = AWSRequest(method="PUT", url=url, headers=dict(given_headers), data=body)
    kind = S3SigV4Auth if service == "s3" else SigV4Auth
    kind(for_botocore(signer), service, REGION).add_auth(expected)
    digest = sha256(body).hexdigest()
    ours = sign_headers("PUT", url, given_headers, digest, service=service, region=REGION, credentials=signer, now=NOW)
    del ours["Host"]  # botocore leaves this header to its HTTP client, but the signature covers it
    assert ours == dict(expected.headers.items())


def assert_same_link(
    service: str, signer: Credentials, url: str, query: Mapping[str, list[str]], expires_seconds: int = 900
) -> None:
    expected: Any = AWSRequest(method="GET", url=url, params=dict(query))
    kind = S3SigV4QueryAuth if service == "s3" else SigV4QueryAuth
    kind(for_botocore(signer), service, REGION, expires_seconds).add_auth(expected)
    assert expected.url == presign(
        "GET",
        url,
        [(name, value) for name, values in query.items() for value in values],
        service=service,
        region=REGION,
        credentials=signer,
        now=NOW,
        expires_seconds=expires_seconds,
    )


@pytest.mark.parametrize("signer", [LASTING, TEMPORARY], ids=["lasting", "temporary"])
@pytest.mark.parametrize("service", ["s3", "dynamodb", "sqs", "ssm", "secretsmanager"])
@pytest.mark.parametrize(
    "url",
    [
        "https://example.amazonaws.com",
        "https://example.amazonaws.com/",
        "https://EXAMPLE.amazonaws.com:443/",
        "http://127.0.0.1:80/",
        "http://127.0.0.1:4566/bucket/key",
        "https://example.amazonaws.com/?b=2&a=1&a=0&c&d=&a-b=1",
        "https://example.amazonaws.com/a/?list-type=2&prefix=a%2Fb%20c",
    ],
)
def test_headers_are_signed_as_botocore_signs_them(service: str, signer: Credentials, url: str) -> None:
    if service == "s3" and urlsplit(url).path == "":
        url += "/"  # botocore signs an empty S3 path as empty, although "/" goes over the wire
    given_headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "  two   spaces "}
    assert_same_headers(service, signer, url, given_headers, b'{"TableName": "jobs"}')


@pytest.mark.parametrize("key", ODD)
@pytest.mark.parametrize("service", ["s3", "execute-api"])
def test_an_odd_path_is_signed_as_botocore_signs_it(service: str, key: str) -> None:
    assert_same_headers(service, TEMPORARY, f"https://example.amazonaws.com/{quote(key)}", {})
    assert_same_link(service, TEMPORARY, f"https://example.amazonaws.com/{quote(key)}", {"versionId": [key]})


@given(services, credentials, texts, st.lists(st.tuples(texts, texts), max_size=4), headers, st.binary())
def test_any_path_query_headers_and_body_are_signed_as_botocore_signs_them(
    service: str,
    signer: Credentials,
    path: str,
    query: list[tuple[str, str]],
    given_headers: dict[str, str],
    body: bytes,
) -> None:
    pairs = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in query)
    url = f"https://example.amazonaws.com:8443/{quote(path)}" + (f"?{pairs}" if pairs else "")
    assert_same_headers(service, signer, url, given_headers, body)


@given(
    services,
    credentials,
    texts,
    st.dictionaries(texts, st.lists(texts, min_size=1, max_size=3), max_size=4),
    st.integers(1, 604_800),
)
def test_any_link_is_signed_as_botocore_signs_it(
    service: str, signer: Credentials, path: str, query: dict[str, list[str]], expires_seconds: int
) -> None:
    url = f"https://example.amazonaws.com/{quote(path)}"
    assert_same_link(service, signer, url, query, expires_seconds)


@given(texts)
def test_text_is_encoded_as_the_standard_library_does(text: str) -> None:
    assert percent_encode(text) == quote(text, safe="")
    assert percent_encode(text, keep="/") == quote(text, safe="/")


@pytest.mark.parametrize("signer", [LASTING, TEMPORARY], ids=["lasting", "temporary"])
def test_a_link_to_an_object_carries_the_signature_boto3_gives_it(signer: Credentials) -> None:
    key = "videos/ü ser/a+b~c.mp4"
    disposition = 'attachment; filename="ü.mp4"'
    client = boto3.client("s3", **client_arguments(signer), config=Config(signature_version="s3v4"))
    parameters = {"Bucket": "vsl-media", "Key": key, "ResponseContentDisposition": disposition}
    theirs = client.generate_presigned_url("get_object", parameters, ExpiresIn=900)
    ours = presign(
        "GET",
        theirs.partition("?")[0],
        [("response-content-disposition", disposition)],
        service="s3",
        region=REGION,
        credentials=signer,
        now=NOW,
        expires_seconds=900,
    )
    # The query's order is free, because the signature is over the sorted query.
    assert sorted(parse_qsl(urlsplit(ours).query)) == sorted(parse_qsl(urlsplit(theirs).query))


def test_a_moment_in_another_zone_is_signed_as_utc() -> None:
    there = NOW.astimezone(timezone(timedelta(hours=9)))
    url, region = "https://example.amazonaws.com/", REGION
    [first, second] = [
        sign_headers("GET", url, {}, "", service="sqs", region=region, credentials=LASTING, now=moment)
        for moment in (NOW, there)
    ]
    assert first == second


def client_arguments(signer: Credentials) -> dict[str, Any]:
    return {
        "region_name": REGION,
        "aws_access_key_id": signer.access_key,
        "aws_secret_access_key": signer.secret_key,
        "aws_session_token": signer.token,
    }
