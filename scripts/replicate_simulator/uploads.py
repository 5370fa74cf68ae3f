"""Uploaded files, which may be the input of a prediction: /v1/files. A restart forgets them."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import Message
from typing import Any

from replicate_simulator.answers import OTHER_LIMIT, Answer, Refusal, Request, problem
from replicate_simulator.predictions import new_id, now, timestamp

_LIFETIME = timedelta(hours=24)


@dataclass(frozen=True)
class Upload:
    """One file with what its owner says about it."""

    account: str
    name: str
    content_type: str
    content: bytes
    metadata: Any
    id: str = field(default_factory=new_id)
    created_at: datetime = field(default_factory=now)

    def render(self, url: str) -> dict[str, Any]:
        """Return the file object of the API; url is that of the list of files."""
        sha256 = hashlib.sha256(self.content).hexdigest()
        return {
            "id": self.id,
            "name": self.name,
            "content_type": self.content_type,
            "size": len(self.content),
            "etag": sha256[:32],
            "checksums": {"sha256": sha256},
            "metadata": self.metadata,
            "created_at": timestamp(self.created_at),
            "expires_at": timestamp(self.created_at + _LIFETIME),
            "urls": {"get": f"{url}/{self.id}"},
        }


class Uploads:
    """The files of all accounts; `url` is that of the list of files."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._all: dict[str, Upload] = {}

    def add(self, request: Request) -> Upload:
        """Keep the file in a multipart body."""
        parts = _parts(request)
        if "content" not in parts:
            raise Refusal(problem(400, "Missing content", "Bad request"))
        head, content = parts["content"]
        texts = {name: value.decode(errors="replace") for name, (_, value) in parts.items() if name != "content"}
        name = texts.get("filename") or str(head.get_filename() or "file")
        kind = texts.get("type") or (head.get_content_type() if "Content-Type" in head else "application/octet-stream")
        upload = Upload(request.account, name, kind, content, _metadata(texts.get("metadata", "{}")))
        self._all[upload.id] = upload
        return upload

    def of(self, account: str) -> list[Upload]:
        """Return the files of an account, newest first."""
        return [upload for upload in reversed(self._all.values()) if upload.account == account]

    def find(self, account: str, file_id: str) -> Upload | None:
        upload = self._all.get(file_id)
        return upload if upload and upload.account == account else None

    def remove(self, upload: Upload) -> Answer:
        del self._all[upload.id]
        return Answer(204, headers=OTHER_LIMIT)

    def clear(self) -> None:
        self._all.clear()


def _metadata(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise Refusal(problem(400, "metadata is not valid JSON", "Bad request")) from None


def _parts(request: Request) -> dict[str, tuple[Message, bytes]]:
    """Return head and content of each part of a multipart body, by name."""
    boundary = request.headers.get_param("boundary")
    found: dict[str, tuple[Message, bytes]] = {}
    if request.headers.get_content_type() != "multipart/form-data" or not isinstance(boundary, str):
        return found
    for part in (b"\r\n" + request.body).split(b"\r\n--" + boundary.encode())[1:-1]:
        head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        message = message_from_bytes(head)
        found[str(message.get_param("name", header="content-disposition"))] = message, content
    return found
