"""The state machine of a job. Pure: everything that changes a job asks here first.

queued → submitting → processing → completed | failed | canceled. `submitting` goes back to `queued` when Replicate
surely did not take the job. Every state that is not final may fail or be canceled. A final state never changes.
"""

from enum import StrEnum


class Status(StrEnum):
    """What a client sees as `status`."""

    QUEUED = "queued"
    SUBMITTING = "submitting"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"

    @property
    def is_final(self) -> bool:
        """Tell whether nothing can follow."""
        return not MOVES[self]


_ENDS = {Status.FAILED, Status.CANCELED}

MOVES: dict[Status, frozenset[Status]] = {
    Status.QUEUED: frozenset({Status.SUBMITTING} | _ENDS),
    Status.SUBMITTING: frozenset({Status.PROCESSING, Status.QUEUED} | _ENDS),
    Status.PROCESSING: frozenset({Status.COMPLETED} | _ENDS),
    Status.COMPLETED: frozenset(),
    Status.FAILED: frozenset(),
    Status.CANCELED: frozenset(),
}

# https://replicate.com/docs/reference/http: `aborted` (since October 2025) = the deadline passed before the run began.
_FINAL_AT_REPLICATE = frozenset({"succeeded", "failed", "canceled", "aborted"})


def sources(target: Status) -> tuple[Status, ...]:
    """List the states from which a job may move to `target`: the guard of every UPDATE."""
    return tuple(state for state, targets in MOVES.items() if target in targets)


def is_final_at_replicate(status: object) -> bool:
    """Tell whether a prediction with this status will not change any more."""
    return status in _FINAL_AT_REPLICATE
