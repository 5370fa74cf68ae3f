"""The public view of a job: its document without internal fields, with links, progress and Retry-After. Pure."""

import hashlib
import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from mediagen.jobs.job import Document
from mediagen.jobs.state import Status
from mediagen.times import iso, parse_iso

MOST_BY_TIME = 95  # percent: the most that an estimate may show
MOST_BY_LOGS = 99  # percent: finished in the logs, but the files are still to be copied
LOOK_AGAIN_SECONDS = (2, 30)
_INNER = {"userId", "revision", "replicateId", "loggedPercent", "deadlineAt", "outputs"}
_ENTITY_TAG = re.compile(r'(?:W/)?("[^"]*")')


def view(document: Document, *, now: datetime, sign: Callable[[str], str], link_seconds: int) -> dict[str, Any]:
    """Return the public view. A link works until its `expiresAt`; the job's own `expiresAt` is its deadline."""
    # Signatures have whole seconds: a link signed at 10.9 s expires as if signed at 10.
    expires = iso(now.replace(microsecond=0) + timedelta(seconds=link_seconds))
    body = {name: value for name, value in document.items() if name not in _INNER}
    body["expiresAt"] = document["deadlineAt"]
    body["progress"] = progress(document, now)
    body["stale"] = bool(document.get("stale"))
    body["leftOut"] = document.get("leftOut", [])  # documents of earlier releases have none
    body["partial"] = bool(body["leftOut"])
    body["outputs"] = [
        {name: value for name, value in output.items() if name != "key"}
        | {"url": sign(output["key"]), "expiresAt": expires}
        for output in document["outputs"]
    ]
    return body


def entity_tag(document: Document) -> str:
    """Return a weak ETag of the job's state: links and progress differ between two reads of the same state.

    It is made from the revision, not from the text: every change has a new revision, the same in all stores, while one
    store writes 5 where another writes 5.0.
    """
    state = f"{document['jobId']}.{document['revision']}"
    return f'W/"{hashlib.sha256(state.encode()).hexdigest()[:32]}"'


def is_known(document: Document, if_none_match: str) -> bool:
    """Return whether an `If-None-Match` header contains the tag (RFC 9110, weak comparison)."""
    if if_none_match.strip() == "*":
        return True
    return entity_tag(document).removeprefix("W/") in _ENTITY_TAG.findall(if_none_match)


def progress(document: Mapping[str, Any], now: datetime) -> dict[str, object] | None:
    """Return the progress in percent and its source; None in a terminal state."""
    status = Status(document["status"])
    if status.is_final:
        return None
    logged = document.get("loggedPercent")
    if logged is not None:
        return {"percent": min(logged, MOST_BY_LOGS), "source": "logs"}
    share = _elapsed(document, now) / max(document["estimatedTime"], 1) if status is Status.PROCESSING else 0.0
    return {"percent": min(int(100 * share), MOST_BY_TIME), "source": "time"}


def look_again_seconds(document: Mapping[str, Any], now: datetime) -> int:
    """Return the seconds until the next look: half of the remaining estimate, or half of the time past it."""
    distance: float = abs(document["estimatedTime"] - _elapsed(document, now))
    least, most = LOOK_AGAIN_SECONDS
    return min(max(math.ceil(distance / 2), least), most)


def _elapsed(document: Mapping[str, Any], now: datetime) -> float:
    """Return the seconds since Replicate accepted the job, or since it was created."""
    since = parse_iso(document.get("startedAt") or document["createdAt"])
    return max(0.0, (now - since).total_seconds())
