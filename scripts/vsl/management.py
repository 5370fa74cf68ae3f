"""Commands that ask or end something at once: jobs, models, usage, cancel, delete, batch."""

import uuid
from argparse import Namespace
from typing import Any
from urllib.parse import quote, urlencode

from common.calling import Refused, document
from vsl import showing
from vsl.endings import Exit, misused
from vsl.params import read, strict
from vsl.session import Session, Told

PAGE = 100  # what the API gives at once


def jobs(given: Namespace, session: Session) -> Told:
    """list your jobs, newest first"""
    filters = {
        "status": given.status,
        "mediaType": given.type,
        "modelId": given.model,
        "createdAfter": given.after,
    }
    found: list[dict[str, Any]] = []
    cursor = given.cursor
    while True:
        left = PAGE if given.all else min(PAGE, given.limit - len(found))
        page = document(session.caller.get(_with_query("/jobs", filters | {"limit": left, "cursor": cursor})), "jobs")
        found += page["jobs"]
        cursor = page.get("nextCursor")
        if not cursor or (not given.all and len(found) >= given.limit):
            break
    lines = showing.jobs(found)
    return Told({"jobs": found, "nextCursor": cursor}, [*lines, *(["(there are more: --all)"] if cursor else [])])


def models(given: Namespace, session: Session) -> Told:
    """list what can be generated, or show what one model takes"""
    query = {"mediaType": given.type}
    if given.model is None:
        found = document(session.caller.get(_with_query("/models", query)), "models")
        return Told(found, showing.models(found["models"]))
    found = document(session.caller.get(_with_query(f"/models/{quote(given.model, safe='')}", query)))
    return Told(found, showing.model(found))


def usage(given: Namespace, session: Session) -> Told:
    """show jobs, cost and seconds by day and model"""
    found = document(session.caller.get(_with_query("/usage", {"from": given.since, "to": given.until})))
    return Told(found, showing.usage(found))


def cancel(given: Namespace, session: Session) -> Told:
    """cancel a job, here and at Replicate"""
    try:
        found = document(session.caller.post(f"{_job(given)}/cancel", None, repeatable=True))
    except Refused as refused:
        # Said by an earlier try whose answer was lost, or by somebody else: it is what was wanted.
        if refused.problem.get("jobStatus") != "canceled":
            raise
        found = dict(session.jobs.look(given.job).document)
    return Told(found, showing.job(found))


def delete(given: Namespace, session: Session) -> Told:
    """delete a job's media and what was asked for; only what it cost is kept"""
    if not given.yes:
        raise misused(f"what is deleted is gone: vsl delete {given.job} --yes")
    session.caller.send("DELETE", _job(given))
    return Told({"jobId": given.job, "deleted": True}, [f"{given.job}  deleted"])


def batch(given: Namespace, session: Session) -> Told:
    """send up to 100 requests at once, each accepted or refused on its own"""
    key = given.idempotency_key or str(uuid.uuid4())
    found = document(session.caller.post("/batches", {"requests": requests(given.file)}, key=key))
    refused = any("error" in result for result in found.get("results") or ())
    return Told(found, showing.batch(found), Exit.REFUSED if refused else Exit.OK)


def requests(file: str) -> list[Any]:
    """Read a JSON array of requests, an object with `requests`, or one request a line. Raises Ended."""
    content = read(file)
    try:
        found = strict(content)
    except ValueError:
        found = _lines(file, content)
    if isinstance(found, dict):
        found = found.get("requests", [found])
    if not isinstance(found, list) or not found:
        raise misused(f"{file} holds no requests")
    return found


def _lines(file: str, content: str) -> list[Any]:
    found = []
    for number, line in enumerate(content.splitlines(), start=1):
        try:
            found += [strict(line)] if line.strip() else []
        except ValueError as error:
            raise misused(f"line {number} of {file} is not JSON: {error}") from None
    return found


def _job(given: Namespace) -> str:
    return f"/jobs/{quote(given.job, safe='')}"


def _with_query(path: str, query: dict[str, Any]) -> str:
    given = urlencode({name: value for name, value in query.items() if value is not None})
    return f"{path}?{given}" if given else path
