"""Replicate's list after a restore: jobs that were queued or in doubt may have been sent until the epoch began."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from mediagen.jobs.job import Job
from mediagen.lifecycle.prediction_lookup import Listing, read_listing
from mediagen.lifecycle.submit import AMBIGUOUS_CHECK
from mediagen.replicate.client import AT_ONCE, Replicate

SLICE = timedelta(minutes=5)  # of the list; 2,500 predictions at the platform's own pace


def list_since_restore(jobs: Sequence[Job], provider: Replicate) -> Listing:
    """List the predictions of the time in which jobs older than the epoch may have been sent, slices in parallel.

    Raises ReplicateUnavailable: a list that lacks a slice proves nothing.
    """
    start, end = min(job.updated_at for job in jobs), max(job.sent_until for job in jobs) + AMBIGUOUS_CHECK
    starts = [start + SLICE * number for number in range(-(-(end - start) // SLICE))]
    whole = Listing(jobs)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for part in pool.map(lambda at: read_listing(jobs, provider, start=at, end=min(at + SLICE, end)), starts):
            whole.found |= part.found
            whole.unattributed |= part.unattributed
    return whole
