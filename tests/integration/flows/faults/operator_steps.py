"""Steps of the operator in a random history: limits, prices, a restore of PostgreSQL, a token of another account."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from integration.flows.events import Context
from integration.flows.faults.fates import LIMITS, NO_LIMITS, SPANS
from integration.flows.faults.history import History
from integration.flows.faults.point_in_time import Snapshot, drop_snapshot, restore, take_snapshot
from integration.flows.models import FLUX_SCHEMA, MODELS
from manage_access.handler import lambda_handler as manage_access


@dataclass(frozen=True)
class Moment:
    """A moment that PostgreSQL may be restored to, and what the history knew then."""

    snapshot: Snapshot
    limits: dict[str, Any]
    ends: dict[str, list[Any]]
    logged: int


class OperatorSteps(History):
    """Everything that the operator does."""

    moment: Moment | None = None

    @rule(limits=st.sampled_from(LIMITS))
    def limits_are_set(self, limits: dict[str, Any]) -> None:
        self.limits = limits
        manage_access({"action": "set-limits", "userId": self.stage.world.user_id} | NO_LIMITS | limits, Context())

    @rule()
    def lift_limits(self) -> None:
        self.limits_are_set({})

    @rule(price=st.sampled_from((0.001, 0.004)))
    def price_changes(self, price: float) -> None:
        self.prices.add(price)
        model = {"mediaType": "image", "modelId": "flux-schnell"}
        configuration = MODELS["image"]["flux-schnell"] | {
            "pricing": price,
            "supportedParams": [*FLUX_SCHEMA["properties"]],
        }
        manage_access({"action": "put-model", "configuration": configuration} | model, Context())

    @rule()
    def snapshot_is_taken(self) -> None:
        self.drop_moment()
        self.moment = Moment(take_snapshot(self.stage), self.limits, dict(self.ends), len(self.read_log()))

    @rule(outage=st.sampled_from(SPANS))
    def database_is_restored(self, outage: timedelta) -> None:
        """Bring back the last snapshot, as often as this step comes; the rest of the world has moved on."""
        if self.moment is None:
            return
        self.stage.pass_time(outage)
        lost = restore(self.stage, self.moment.snapshot)
        self.limits, self.ends = self.moment.limits, dict(self.moment.ends)
        self.forget_jobs(lost, self.moment.logged)

    @rule()
    def token_changes(self) -> None:
        """Replace the token by one of Replicate's other account, or that one by the first."""
        own, other = self.stage.world.replicate.settings.accounts
        self.stage.use_account(other if self.stage.account == own.username else own)

    def drop_moment(self) -> None:
        if self.moment:
            drop_snapshot(self.stage, self.moment.snapshot)
        self.moment = None

    def teardown(self) -> None:
        self.drop_moment()
        super().teardown()
