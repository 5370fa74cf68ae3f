"""Requests, answers, and Replicate's problem documents."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Any

# Recorded on successful answers: 600 creates and 3000 other requests a minute.
CREATE_LIMIT = {"ratelimit-remaining": "599", "ratelimit-reset": "1"}
OTHER_LIMIT = {"ratelimit-remaining": "2999", "ratelimit-reset": "1"}
NOT_FOUND = "The requested resource could not be found."


@dataclass(frozen=True)
class Request:
    """One HTTP request with its body read."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Message
    body: bytes = b""
    account: str = ""  # whose token was sent


@dataclass(frozen=True)
class Answer:
    """An answer with a body or chunks; chunks without a Content-Length use chunked encoding, or end at close."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    chunks: Iterable[bytes] | None = None
    close: bool = False


CUT = Answer(status=0, close=True)


class Refusal(Exception):
    """Raised anywhere in a route to answer with a problem document."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.body.decode())
        self.answer = answer


def as_json(data: object, status: int = 200, headers: Mapping[str, str] = OTHER_LIMIT) -> Answer:
    """Return an answer that holds data as JSON."""
    return Answer(status, encode(data), {"Content-Type": "application/json", **headers})


def encode(data: object) -> bytes:
    """Return compact JSON with every non-ASCII letter kept, as Replicate sends it; a lone surrogate as an escape."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode(errors="backslashreplace")


def problem(
    status: int, detail: str, title: str | None = None, headers: Mapping[str, str] | None = None, **more: Any
) -> Answer:
    """Return a problem document with the fields that were recorded."""
    document = ({"title": title} if title else {}) | {"detail": detail, "status": status} | more
    return Answer(status, encode(document), {"Content-Type": "application/problem+json", **(headers or {})})


def invalid_input(fields: list[dict[str, str]]) -> Answer:
    """Return the 422 that lists every invalid field."""
    named = (f"{entry['field']}: {entry['description']}" for entry in fields)
    detail = "".join(f"- {line.removeprefix(': ')}\n" for line in named)
    return problem(422, detail, "Input validation failed", invalid_fields=fields)


def not_found(detail: str = NOT_FOUND) -> Answer:
    """Return Replicate's 404."""
    return problem(404, detail)
