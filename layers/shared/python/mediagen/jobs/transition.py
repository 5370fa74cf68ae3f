"""The change that a transition makes to a job. Pure: which transitions exist is decided in `state`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from mediagen.jobs.failures import Failure
from mediagen.jobs.job import Output
from mediagen.jobs.left_out import LeftOut
from mediagen.jobs.state import Status, sources

# process_webhook runs for five minutes at most: it may still store media of a job that ended meanwhile.
STORING = timedelta(minutes=6)


@dataclass(frozen=True, slots=True)
class Change:
    """The values that a transition writes besides the status.

    `reason` names the transition in the job's history; `details` are for operators. With `only_from` the transition
    applies to a job in that state only.
    """

    reason: str
    next_check_in: timedelta = timedelta(minutes=5)
    replicate_id: str | None = None
    cost: Decimal | None = None
    predict_seconds: Decimal | None = None
    error: Failure | None = None
    outputs: Sequence[Output] = ()
    left_out: Sequence[LeftOut] = ()
    details: Mapping[str, object] = field(default_factory=dict)
    only_from: Status | None = None

    def sources(self, target: Status) -> tuple[Status, ...]:
        """List the states from which a job may make this transition to `target`."""
        return tuple(state for state in sources(target) if self.only_from in (None, state))
