"""The state machine of a job. Pure: every transition is checked here first.

queued → submitting → processing → completed | failed | canceled. `submitting` returns to `queued` if Replicate
certainly did not accept the job. Every other state may fail or be canceled. A terminal state never changes.
"""

from enum import StrEnum


class Status(StrEnum):
    """The `status` that clients see."""

    QUEUED = "queued"
    SUBMITTING = "submitting"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"

    @property
    def is_final(self) -> bool:
        """Whether the state is terminal."""
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
    """Return the states from which a job may move to `target`: the guard of every UPDATE."""
    return tuple(state for state, targets in MOVES.items() if target in targets)


def is_final_at_replicate(status: object) -> bool:
    """Return whether a prediction with this status will not change any more."""
    return status in _FINAL_AT_REPLICATE
