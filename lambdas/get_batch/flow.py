"""Answer the status of a batch: the result of each request, and the number of jobs by status."""

from collections import Counter

from mediagen.errors.refusals import BatchNotFound
from mediagen.http.edge import Request, Response
from mediagen.jobs.batches import Batch
from mediagen.jobs.ids import is_job_id
from mediagen.jobs.job import Document, Job
from mediagen.jobs.state import Status
from mediagen.jobs.summaries import summary
from mediagen.records.batches import BatchRecords
from mediagen.times import iso

LOOK_AGAIN_SECONDS = 5  # jobs complete one by one, so nearly every read shows a change


def get_batch(request: Request, *, batches: BatchRecords) -> Response:
    """Answer one of the caller's batches. Raises BatchNotFound, Unavailable."""
    user_id, batch_id = request.caller(), request.path.get("batchId", "")
    batch = batches.find(batch_id) if is_job_id(batch_id) else None
    if batch is None or batch.user_id != user_id:
        raise BatchNotFound("There is no such batch.")
    is_running = any(not job.status.is_final for job in batch.jobs)
    body = {
        "batchId": batch.id,
        "status": "running" if is_running else "finished",
        "createdAt": iso(batch.created_at),
        "counts": _counts(batch),
        "results": [{"index": at} | _result(result) for at, result in enumerate(batch.results)],
    }
    return Response(200, body, {"Retry-After": str(LOOK_AGAIN_SECONDS)} if is_running else {})


def _counts(batch: Batch) -> dict[str, int]:
    found = Counter(job.status for job in batch.jobs)
    return {str(status): found[status] for status in Status} | {"refused": len(batch.refusals)}


def _result(result: Job | Document) -> Document:
    """Return a job's summary without its own `error`: in a batch, `error` is the refusal of a request."""
    if not isinstance(result, Job):
        return {"error": result}
    whole = summary(result)
    return {name: whole[name] for name in ("jobId", "status", "mediaType", "modelId", "cost", "statusUrl")}
