"""A batch: the results of requests that were sent together, in their order."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from mediagen.errors.problems import problem
from mediagen.errors.refusals import BatchRefused, Refusal
from mediagen.jobs.ids import created_at
from mediagen.jobs.job import Document, Job

MOST_TOLD_BYTES = 4096  # of one refusal: they are stored with the batch, and one response holds a hundred of them

type Draft = Job | Refusal


@dataclass(frozen=True, slots=True)
class Batch:
    """One accepted batch. A result is a request's job, or the problem document that refused the request."""

    id: str
    user_id: str
    created_at: datetime
    results: tuple[Job | Document, ...]

    @property
    def jobs(self) -> list[Job]:
        """List the jobs of the accepted requests."""
        return jobs_of(self.results)

    @property
    def refusals(self) -> Mapping[int, Document]:
        """Return the problem documents by the position of their requests."""
        return {at: result for at, result in enumerate(self.results) if not isinstance(result, Job)}


def jobs_of(results: Iterable[object]) -> list[Job]:
    """Return the drafts that are jobs."""
    return [result for result in results if isinstance(result, Job)]


def made_of(batch_id: str, user_id: str, drafts: Sequence[Draft]) -> Batch:
    """Return the batch of jobs and refusals.

    If there is no job it raises the first refusal with the `results` if every request may be sent again later,
    otherwise BatchRefused.
    """
    refusals = [draft for draft in drafts if not isinstance(draft, Job)]
    if len(refusals) == len(drafts):
        raise _nothing_accepted(refusals)
    results = tuple(draft if isinstance(draft, Job) else told(draft) for draft in drafts)
    return Batch(batch_id, user_id, created_at(batch_id), results)


def told(refusal: Refusal) -> Document:
    """Return the problem document of one request, with as many of its errors as fit."""
    document = problem(refusal)
    errors = list(refusal.errors)
    while errors and len(json.dumps(document)) > MOST_TOLD_BYTES:
        errors = errors[: len(errors) // 2]
        document["errors"] = [error.document() for error in errors]
    return document


def _nothing_accepted(refusals: Sequence[Refusal]) -> Refusal:
    first = refusals[0]
    results = {"results": [{"index": at, "error": told(refusal)} for at, refusal in enumerate(refusals)]}
    if not all(refusal.retryable for refusal in refusals):
        return BatchRefused("None of the requests was accepted.", extra=results)
    seconds = first.retry_after_seconds
    return type(first)(first.detail, retry_after_seconds=seconds, extra=results, headers=first.headers)
