"""The file of recorded requests: one JSON object a line, an HTTP request with its answer.

The file holds credentials, prompts and secrets. Only its owner may read it, and it lies in the folder of its run.
"""

import base64
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

FILE = "requests.jsonl"
# Zips and media: rules need the length and the hash of those, and a line stays short.
LARGEST_BODY = 256 * 1024

type Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Body:
    """A body: `content` is empty if the body was larger than LARGEST_BODY."""

    content: bytes
    length: int
    sha256: str

    @classmethod
    def of(cls, chunks: Iterable[bytes]) -> "Body":
        """Make a body from the parts in which it came."""
        whole = b"".join(chunks)
        kept = whole if len(whole) <= LARGEST_BODY else b""
        return cls(kept, len(whole), hashlib.sha256(whole).hexdigest())

    @property
    def complete(self) -> bool:
        """Whether the content was kept."""
        return len(self.content) == self.length


@dataclass(frozen=True)
class Exchange:
    """One HTTP request and its answer.

    `path` and `query` are as sent. `caller` is a role's name or "root"; `secret` signed the request and is empty if the
    access key is unknown. `repeat` marks the answer of an earlier attempt, given again (repeats.py).
    """

    started: float  # seconds since the epoch
    seconds: float
    method: str
    path: str
    query: str
    headers: Headers
    body: Body
    status: int
    answer_headers: Headers
    answer_body: Body
    caller: str
    secret: str
    repeat: bool = False

    def header(self, name: str) -> str:
        """Return a header of the request, its lines joined, or an empty text."""
        return self.joined_headers.get(name, "")

    @cached_property
    def joined_headers(self) -> dict[str, str]:
        """The headers of the request by their names in lower case, lines of the same name joined."""
        joined: dict[str, str] = {}
        for key, value in self.headers:
            name = key.lower()
            joined[name] = f"{joined[name]}, {value}" if name in joined else value
        return joined


class Writer:
    """Appends exchanges to a file, from any number of threads."""

    def __init__(self, path: Path) -> None:
        # O_APPEND: a line is one write, so lines of several threads do not mix.
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, exchange: Exchange) -> None:
        """Append one line."""
        os.write(self._file, json.dumps(_plain(exchange), separators=(",", ":")).encode() + b"\n")

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


def read(path: Path) -> Iterator[Exchange]:
    """Read the exchanges in the order in which their answers were complete."""
    with path.open("rb") as lines:
        # A killed emulator may leave half a line at the end.
        yield from (_exchange(json.loads(line)) for line in lines if line.endswith(b"\n"))


def _plain(exchange: Exchange) -> dict[str, Any]:
    fields = asdict(exchange)
    for name in ("body", "answer_body"):
        fields[name]["content"] = base64.b64encode(fields[name]["content"]).decode()
    return fields


def _exchange(fields: dict[str, Any]) -> Exchange:
    for name in ("body", "answer_body"):
        body = fields[name]
        fields[name] = Body(base64.b64decode(body["content"]), body["length"], body["sha256"])
    for name in ("headers", "answer_headers"):
        fields[name] = tuple((key, value) for key, value in fields[name])
    return Exchange(**fields)
