"""A job as its owner sees it where no files are handed out: in a list, and in the answer to a cancel."""

from mediagen.jobs.job import Document, Job

_SHOWN = (
    "jobId", "status", "mediaType", "modelId", "createdAt", "startedAt", "updatedAt", "completedAt", "estimatedTime",
    "estimatedCost", "cost", "metadata", "retryOf", "error", "partial",
)  # fmt: skip


def summary(job: Job) -> Document:
    """Write the public view without the outputs, which have signed links at `statusUrl`."""
    document = job.document()
    links = {"expiresAt": document["deadlineAt"], "statusUrl": f"/status/{job.id}"}
    return {name: document[name] for name in _SHOWN} | links
