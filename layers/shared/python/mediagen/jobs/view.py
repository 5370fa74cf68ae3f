"""What a client sees of a job: its document without inner names, with links, progress, and when to look again. Pure."""

import hashlib
import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from mediagen.jobs.job import Document
from mediagen.jobs.state import Status
from mediagen.times import iso, parse_iso

MOST_BY_TIME = 95  # percent: an estimate never says that something is nearly done for sure
MOST_BY_LOGS = 99  # percent: what the logs call done has still to be copied
LOOK_AGAIN_SECONDS = (2, 30)
_INNER = {"userId", "revision", "replicateId", "loggedPercent", "deadlineAt", "outputs"}
_ENTITY_TAG = re.compile(r'(?:W/)?("[^"]*")')


def view(document: Document, *, now: datetime, sign: Callable[[str], str], link_seconds: int) -> dict[str, Any]:
    """Write the public view; each output has a link that works until its `expiresAt`, the job's own is its deadline."""
    # Signatures know whole seconds, so a link signed at 10.9 s ends as if it were signed at 10.
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
    """Name this state of the job. Weak: links and progress differ with each reading of the same state.

    It is made from the revision, not from the text: every change has a new one, and it is the same in all stores, while
    one of them writes 5 where another writes 5.0.
    """
    state = f"{document['jobId']}.{document['revision']}"
    return f'W/"{hashlib.sha256(state.encode()).hexdigest()[:32]}"'


def is_known(document: Document, if_none_match: str) -> bool:
    """Tell whether one of the tags of an `If-None-Match` names this state (RFC 9110, weak comparison)."""
    if if_none_match.strip() == "*":
        return True
    return entity_tag(document).removeprefix("W/") in _ENTITY_TAG.findall(if_none_match)


def progress(document: Mapping[str, Any], now: datetime) -> dict[str, object] | None:
    """Tell how far a job is, in percent, and who says so; None once it has ended."""
    status = Status(document["status"])
    if status.is_final:
        return None
    logged = document.get("loggedPercent")
    if logged is not None:
        return {"percent": min(logged, MOST_BY_LOGS), "source": "logs"}
    share = _elapsed(document, now) / max(document["estimatedTime"], 1) if status is Status.PROCESSING else 0.0
    return {"percent": min(int(100 * share), MOST_BY_TIME), "source": "time"}


def look_again_seconds(document: Mapping[str, Any], now: datetime) -> int:
    """Tell when to look again: after half of the time to the estimated end, or half of what is gone since then."""
    distance: float = abs(document["estimatedTime"] - _elapsed(document, now))
    least, most = LOOK_AGAIN_SECONDS
    return min(max(math.ceil(distance / 2), least), most)


def _elapsed(document: Mapping[str, Any], now: datetime) -> float:
    """Count the seconds since Replicate had the job, or since it was accepted."""
    since = parse_iso(document.get("startedAt") or document["createdAt"])
    return max(0.0, (now - since).total_seconds())
