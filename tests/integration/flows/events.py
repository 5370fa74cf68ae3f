"""Events as AWS sends them to the functions: HTTP API payload 2.0, its authorizer, SQS, the schedule.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
"""

import base64
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

REGION = "eu-west-1"
ADDRESS = "192.0.2.1"

type Event = dict[str, Any]


@dataclass(frozen=True)
class Context:
    """The members of Lambda's context that the functions read."""

    seconds: float = 60.0

    def get_remaining_time_in_millis(self) -> int:
        return int(self.seconds * 1000)


@dataclass(frozen=True)
class Answer:
    """A function's answer as a client sees it; header names are in lower case, a missing body is None."""

    status: int
    headers: dict[str, str]
    body: Any

    @classmethod
    def read(cls, written: Mapping[str, Any]) -> "Answer":
        headers = {name.lower(): value for name, value in written["headers"].items()}
        return cls(written["statusCode"], headers, json.loads(written["body"] or "null"))


def http_event(
    route: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    path: Mapping[str, str] | None = None,
    user_id: str | None = None,
    rate_per_hour: int | None = None,
    authorizer: Mapping[str, Any] | None = None,
    encoded: bool = False,
    address: str = ADDRESS,
) -> Event:
    """Make the event of a request. `user_id` is the authorizer's answer, or None for a route without authorizer.

    `rate_per_hour` is the user's own limit in that answer; `authorizer` replaces the whole answer (as for a token).
    """
    method = route.split()[0]
    parts = urlsplit(url)
    event: Event = {
        "version": "2.0",
        "routeKey": route,
        "rawPath": parts.path,
        "rawQueryString": parts.query,
        "headers": {"accept": "*/*", "host": "api.example.com"} | _lower(headers or {}),
        "requestContext": _context(route, method, parts.path, address),
        "isBase64Encoded": encoded,
    }
    if parts.query:
        event["queryStringParameters"] = dict(parse_qsl(parts.query, keep_blank_values=True))
    if path:
        event["pathParameters"] = dict(path)
    if user_id is not None or authorizer:
        rate = {"ratePerHour": rate_per_hour} if rate_per_hour else {}
        event["requestContext"]["authorizer"] = authorizer or {"lambda": {"userId": user_id} | rate}
    if body is not None:
        event["body"] = base64.b64encode(body).decode() if encoded else body.decode()
    return event


def token_context(**claims: str) -> Event:
    """Make the context that the API passes on for a verified token; every claim is a string.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
    """
    return {"jwt": {"claims": claims, "scopes": None}}


def authorizer_event(headers: Mapping[str, str], address: str = ADDRESS) -> Event:
    """Make the event of a REQUEST authorizer, payload 2.0."""
    given = _lower(headers)
    return {
        "version": "2.0",
        "type": "REQUEST",
        "routeArn": f"arn:aws:execute-api:{REGION}:123456789012:abcdef/$default/POST/generate-media",
        "identitySource": [given.get("authorization", ""), address],
        "routeKey": "POST /generate-media",
        "rawPath": "/generate-media",
        "headers": given,
        "requestContext": _context("POST /generate-media", "POST", "/generate-media", address),
    }


def sqs_event(messages: Sequence[Mapping[str, Any]]) -> Event:
    """Make the event of a batch from messages as `receive_message` returns them."""
    return {
        "Records": [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": {
                    "ApproximateReceiveCount": message.get("Attributes", {}).get("ApproximateReceiveCount", "1"),
                },
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "awsRegion": REGION,
            }
            for message in messages
        ]
    }


def message_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """Make a message that never was in a queue."""
    return {"MessageId": str(uuid4()), "ReceiptHandle": str(uuid4()), "Body": json.dumps(document)}


def schedule_event() -> Event:
    return {"version": "0", "source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _context(route: str, method: str, path: str, address: str) -> dict[str, Any]:
    return {
        "accountId": "123456789012",
        "apiId": "abcdef",
        "domainName": "api.example.com",
        "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": address, "userAgent": "test"},
        "requestId": uuid4().hex,
        "routeKey": route,
        "stage": "$default",
        "timeEpoch": int(time.time() * 1000),
    }
