"""A job without links to its files, as lists and the answer to a cancel show it."""

from mediagen.jobs.job import Document, Job

_SHOWN = (
    "jobId", "status", "mediaType", "modelId", "createdAt", "startedAt", "updatedAt", "completedAt", "estimatedTime",
    "estimatedCost", "cost", "metadata", "retryOf", "error", "partial",
)  # fmt: skip


def summary(job: Job) -> Document:
    """Return the public view without outputs, whose signed links are at `statusUrl`."""
    document = job.document()
    links = {"expiresAt": document["deadlineAt"], "statusUrl": f"/status/{job.id}"}
    return {name: document[name] for name in _SHOWN} | links
