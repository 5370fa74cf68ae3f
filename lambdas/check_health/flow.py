"""Report the service's health; with `?deep=1`, for holders of an API key, the health of each part."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from mediagen import log
from mediagen.access.api_keys import bearer_token, hash_key
from mediagen.access.authenticate import Judges, judge
from mediagen.degraded import degraded
from mediagen.errors.refusals import FieldError, Unauthorized
from mediagen.http.edge import Request, Response, refuse_unknown_parameters
from mediagen.http.validation import invalid_fields
from mediagen.times import iso

KEPT = timedelta(seconds=10)  # bounds how often the parts are asked: once in this time for each container
BELIEVED = timedelta(seconds=300)  # as long as the authorizer's verdict is cached, so a monitor sees a database outage
MOST_KEYS = 100
DEADLINE_SECONDS = 8.0  # of 15, and more than the timeout of each part

type Check = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Ports:
    """The checks by part (False or an error: unhealthy), and the authentication of keys."""

    checks: Mapping[str, Check]
    judges: Judges[Any]
    release: str


@dataclass(slots=True)
class Memory:
    """State of a container: the last results, and the hashes of accepted keys."""

    report: dict[str, Any] | None = None
    asked_at: datetime | None = None
    keys: dict[bytes, datetime] = field(default_factory=dict)


def check_health(request: Request, *, now: datetime, ports: Ports, memory: Memory) -> Response:
    """Answer 200, or 503 to a deep check if a part fails. Raises InvalidFields, and the refusals of `require_key`."""
    told: dict[str, Any] = {"status": "ok", "release": ports.release}
    if not read_deep(request.query):
        return Response(200, told)
    require_key(bearer_token(request.headers), request.source, now=now, ports=ports, memory=memory)
    if memory.report is None or memory.asked_at is None or now - memory.asked_at >= KEPT:
        memory.report, memory.asked_at = ask(ports.checks), now
    is_well = all(part["status"] == "ok" for part in memory.report.values())
    told |= {"status": _word(is_well), "checkedAt": iso(memory.asked_at), "parts": memory.report}
    return Response(200 if is_well else 503, told)


def read_deep(query: Mapping[str, str]) -> bool:
    """Parse `?deep=`. Raises InvalidFields."""
    refuse_unknown_parameters(query, ["deep"])
    deep = query.get("deep", "0")
    if deep not in ("0", "1"):
        wrong = FieldError("deep", "enum", "deep is 1 or 0.", ["0", "1"])
        raise invalid_fields([wrong], "query parameter")
    return deep == "1"


def require_key(key: str, source: str, *, now: datetime, ports: Ports, memory: Memory) -> None:
    """Accept an API key as `authorize` would. Raises Unauthorized, TooManyFailures, Unavailable."""
    digest = hash_key(key)
    if memory.keys.get(digest, now) > now:
        return
    if not judge(key, source, now=now, judges=ports.judges):
        raise Unauthorized("A deep check needs an API key: `Authorization: Bearer vsl_…`.")
    if len(memory.keys) >= MOST_KEYS:
        memory.keys.clear()
    memory.keys[digest] = now + BELIEVED


def ask(checks: Mapping[str, Check]) -> dict[str, Any]:
    """Check all parts in parallel. The causes of failures are in the log only."""
    pool = ThreadPoolExecutor(len(checks))
    asked = {part: pool.submit(copy_context().run, _asked, part, check) for part, check in checks.items()}
    wait(asked.values(), timeout=DEADLINE_SECONDS)
    pool.shutdown(wait=False, cancel_futures=True)
    silent = {"status": "failed", "milliseconds": int(DEADLINE_SECONDS * 1000)}
    return {part: answer.result() if answer.done() else silent for part, answer in asked.items()}


def _asked(part: str, check: Check) -> dict[str, Any]:
    started, is_well = time.monotonic(), False
    with degraded("health"):
        is_well = check() is not False
    if not is_well:
        log.event("health.failed", level="WARNING", metadata={"part": part})
    return {"status": _word(is_well), "milliseconds": round((time.monotonic() - started) * 1000)}


def _word(is_well: bool) -> str:
    return "ok" if is_well else "failed"
