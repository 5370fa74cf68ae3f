"""A job as its owner sees it where no files are handed out: in a list, and in the answer to a cancel."""

from mediagen.jobs import Document, Job

_SHOWN = (
    "jobId", "status", "mediaType", "modelId", "createdAt", "startedAt", "updatedAt", "completedAt", "deadlineAt",
    "estimatedTime", "estimatedCost", "cost", "error",
)  # fmt: skip


def summary(job: Job) -> Document:
    """Write the public view without the outputs, which have signed links at `statusUrl`."""
    document = job.document()
    return {name: document[name] for name in _SHOWN} | {"statusUrl": f"/status/{job.id}"}
