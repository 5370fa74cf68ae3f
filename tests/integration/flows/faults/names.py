"""What a step is called: the server, what is asked of it, and about what; never about whom."""

import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

# Not steps by themselves: they are how our code gets to a statement.
_PLUMBING = {"run", "_run", "_repeated", "together", "_together", "_write", "<lambda>"}
_SERVICES = {"DynamoDB_20120810": "dynamodb", "AmazonSQS": "sqs", "AmazonSSM": "ssm"}


def statement_name(depth: int) -> str:
    """Name a statement after the method of ours that asks for it, `depth` calls up or further."""
    frame = sys._getframe(depth)
    while frame.f_code.co_name in _PLUMBING or "mediagen" not in frame.f_code.co_filename:
        assert frame.f_back
        frame = frame.f_back
    return f"postgres {frame.f_code.co_qualname}"


def command_name(words: Sequence[Any]) -> str:
    """Name a command of Redis by what kind of key it is about."""
    key = next((str(word) for word in words[1:] if re.match(r"[a-z]+:[a-z]+", str(word))), "")
    kind = ":".join(key.split(":")[:2])
    return f"redis {words[0]} {kind}{':ending' if key.endswith(':ending') else ''}".strip()


def request_name(
    pool: Any,
    method: str,
    url: str,
    body: Any,
    headers: Mapping[str, str],
    replicate_url: str,
    queues: Mapping[str, str],
) -> str:
    """Name a request to Replicate or AWS."""
    if replicate_url.startswith(f"{pool.scheme}://{pool.host}:{pool.port}"):
        return f"replicate {_replicate_name(method, urlsplit(url).path)}"
    if target := headers.get("X-Amz-Target"):
        return _aws_name(target, str(body), queues)
    return f"s3 {method} {_object_name(url)}"


def _replicate_name(method: str, path: str) -> str:
    if path.endswith("/cancel"):
        return "cancel"
    if method == "POST":
        return "create"
    if "/models/" in path:
        return "model"
    if path.endswith("/account"):
        return "account"
    return "list" if path.endswith("/predictions") else "get"


def _aws_name(target: str, body: str, queues: Mapping[str, str]) -> str:
    prefix, _, operation = target.partition(".")
    service = _SERVICES.get(prefix, prefix)
    queue = next((name for name, url in queues.items() if url in body), "")
    found = re.search(r"vsl-test/([a-z-]+)", body)
    about = queue or (found[1] if found and service in ("ssm", "secretsmanager") else "")
    return f"{service} {operation} {about}".strip()


def _object_name(url: str) -> str:
    parts = urlsplit(url)
    if parts.query:
        return parts.query.partition("=")[0].partition("&")[0]
    return parts.path.rpartition("/")[2].partition(".")[0]
