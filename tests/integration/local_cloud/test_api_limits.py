"""The emulator applies API Gateway's limits to requests before it calls a function."""

import asyncio
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local_cloud import emulator
from local_cloud.api_limits import LARGEST_BODY, LARGEST_EVENT, ApiLimits, event_bytes, too_large
from local_cloud.aws import Aws

JSON = {"content-type": "application/json"}
TOO_LONG = b'{"message": "Request Too Long"}'
NO_ROUTE = 404


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with emulator.emulator_server(tmp_path_factory.mktemp("emulator")) as url:
        yield Aws(url).client("apigatewayv2").create_api(Name="a", ProtocolType="HTTP")["ApiEndpoint"]


def refused(url: str, body: bytes, content_type: str = "application/json") -> tuple[int, bytes]:
    request = urllib.request.Request(url, body, {"Content-Type": content_type})
    with pytest.raises(urllib.error.HTTPError) as answer:
        urllib.request.urlopen(request)
    return answer.value.code, answer.value.read()


@pytest.mark.parametrize(
    ("size", "content_type", "status"),
    [
        (LARGEST_EVENT - 10_000, "application/json", NO_ROUTE),
        (LARGEST_EVENT, "application/json", 413),
        (LARGEST_EVENT - 10_000, "application/octet-stream", 413),  # base64
        (LARGEST_BODY + 1, "application/json", 413),
    ],
)
def test_a_request_goes_through_as_far_as_lambda_takes_its_event(
    api: str, size: int, content_type: str, status: int
) -> None:
    assert refused(f"{api}/webhook/replicate", b"a" * size, content_type)[0] == status


def test_requests_to_aws_have_limits_of_their_own(api: str, tmp_path: Path) -> None:
    s3 = Aws(api.partition("/_aws/")[0]).client("s3")
    s3.create_bucket(Bucket="large")
    s3.put_object(Bucket="large", Key="file", Body=b"a" * (LARGEST_BODY + 1))
    assert s3.head_object(Bucket="large", Key="file")["ContentLength"] == LARGEST_BODY + 1


def test_header_lines_of_one_name_become_one() -> None:
    seen: list[Any] = []

    async def app(scope: Any, _receive: Any, _send: Any) -> None:
        seen.extend(scope["headers"])

    async def receive(*_: Any) -> Any:
        return {"type": "http.request", "body": b""}

    keys = [(b"idempotency-key", b"one"), (b"accept", b"*/*"), (b"idempotency-key", b"two")]
    scope = {"type": "http", "path": "/_aws/execute-api/a/b/batches", "headers": keys}
    asyncio.run(ApiLimits(app)(scope, receive, receive))
    assert seen == [(b"idempotency-key", b"one,two"), (b"accept", b"*/*")]


def test_quotes_count_twice_because_the_body_is_a_text_in_the_event() -> None:
    plain, quotes = b"a" * (LARGEST_EVENT // 2), b'"' * (LARGEST_EVENT // 2)
    assert too_large(JSON, plain) is None
    answer = too_large(JSON, quotes)
    assert answer and (answer.status, answer.body) == (413, TOO_LONG)


def test_the_headers_are_part_of_the_event() -> None:
    assert event_bytes(JSON | {"x": "y" * 5000}, b"{}") - event_bytes(JSON, b"{}") > 5000
