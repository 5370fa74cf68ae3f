"""Commands that do not wait for a job: jobs, models, usage, cancel, delete, batch."""

import uuid
from argparse import Namespace
from typing import Any
from urllib.parse import quote, urlencode

from common.retries import Refused, document
from vsl import formatting
from vsl.exits import Exit, usage_error
from vsl.params import read, strict
from vsl.session import Result, Session

PAGE = 100  # the API's largest page


def jobs(given: Namespace, session: Session) -> Result:
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
    lines = formatting.jobs(found)
    return Result(
        {"jobs": found, "nextCursor": cursor}, [*lines, *(["(there are more jobs: add --all)"] if cursor else [])]
    )


def models(given: Namespace, session: Session) -> Result:
    """list the models, or show the parameters of one"""
    query = {"mediaType": given.type}
    if given.model is None:
        found = document(session.caller.get(_with_query("/models", query)), "models")
        return Result(found, formatting.models(found["models"]))
    found = document(session.caller.get(_with_query(f"/models/{quote(given.model, safe='')}", query)))
    return Result(found, formatting.model(found))


def usage(given: Namespace, session: Session) -> Result:
    """show jobs, cost and seconds by day and model"""
    found = document(session.caller.get(_with_query("/usage", {"from": given.since, "to": given.until})))
    return Result(found, formatting.usage(found))


def cancel(given: Namespace, session: Session) -> Result:
    """cancel a job, here and at Replicate"""
    try:
        found = document(session.caller.post(f"{_job(given)}/cancel", None, repeatable=True))
    except Refused as refused:
        # An earlier attempt whose answer was lost, or another client, has canceled it: the goal is reached.
        if refused.problem.get("jobStatus") != "canceled":
            raise
        found = dict(session.jobs.read(given.job).document)
    return Result(found, formatting.job(found))


def delete(given: Namespace, session: Session) -> Result:
    """delete a job's media and request; its cost is kept"""
    if not given.yes:
        raise usage_error(f"a deletion cannot be undone; to confirm: vsl delete {given.job} --yes")
    session.caller.send("DELETE", _job(given))
    return Result({"jobId": given.job, "deleted": True}, [f"{given.job}  deleted"])


def batch(given: Namespace, session: Session) -> Result:
    """send up to 100 requests at once; each is accepted or refused on its own"""
    key = given.idempotency_key or str(uuid.uuid4())
    found = document(session.caller.post("/batches", {"requests": requests(given.file)}, key=key))
    refused = any("error" in result for result in found.get("results") or ())
    return Result(found, formatting.batch(found), Exit.REFUSED if refused else Exit.OK)


def requests(file: str) -> list[Any]:
    """Read a JSON array of requests, an object with `requests`, or one request per line. Raises CommandFailed."""
    content = read(file)
    try:
        found = strict(content)
    except ValueError:
        found = _lines(file, content)
    if isinstance(found, dict):
        found = found.get("requests", [found])
    if not isinstance(found, list) or not found:
        raise usage_error(f"{file} contains no requests")
    return found


def _lines(file: str, content: str) -> list[Any]:
    found = []
    for number, line in enumerate(content.splitlines(), start=1):
        try:
            found += [strict(line)] if line.strip() else []
        except ValueError as error:
            raise usage_error(f"line {number} of {file} is not JSON: {error}") from None
    return found


def _job(given: Namespace) -> str:
    return f"/jobs/{quote(given.job, safe='')}"


def _with_query(path: str, query: dict[str, Any]) -> str:
    given = urlencode({name: value for name, value in query.items() if value is not None})
    return f"{path}?{given}" if given else path
