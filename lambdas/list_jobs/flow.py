"""List the caller's jobs, newest first, in pages that stay consistent while jobs are added."""

from list_jobs.cursor import read_cursor, write_cursor
from list_jobs.query import ListQuery, read_query
from mediagen.errors.refusals import FieldError, InvalidFields
from mediagen.http.edge import Request, Response
from mediagen.jobs.summaries import summary
from mediagen.records.job_lists import JobLists


def list_jobs(request: Request, *, lists: JobLists) -> Response:
    """Answer `{"jobs": [...], "nextCursor": text or null}`. Raises InvalidFields, Unavailable."""
    user_id = request.caller(None)
    wanted = read_query(request.query)
    before_id = _position(wanted, user_id, lists)
    found = lists.page(user_id, wanted.filters, before_id=before_id, limit=wanted.limit + 1)
    shown = found[: wanted.limit]
    cursor = None
    if len(found) > wanted.limit:
        cursor = write_cursor(shown[-1].id, user_id=user_id, filters=wanted.filters, key=lists.signing_key())
    return Response(200, {"jobs": [summary(job) for job in shown], "nextCursor": cursor})


def _position(wanted: ListQuery, user_id: str, lists: JobLists) -> str | None:
    if wanted.cursor is None:
        return None
    job_id = read_cursor(wanted.cursor, user_id=user_id, filters=wanted.filters, key=lists.signing_key())
    if job_id is None:
        told = "It is not a cursor of ours, or was made for other filters: start again without it."
        raise InvalidFields("The cursor does not hold.", errors=[FieldError("cursor", "invalid", told)])
    return job_id
