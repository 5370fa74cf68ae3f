"""What all histories have in common: one user and its requests, and what must hold at every moment and in the end."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant

from generate_media.handler import lambda_handler as generate_media
from integration.flows.events import Answer, Context, http_event
from integration.flows.faults.promises import broken
from integration.flows.faults.settling import Stage
from integration.flows.models import MODELS
from integration.flows.world import JSON

# Which of the jobs: what is drawn must not depend on how many there are, which is not the same in every repetition.
NUMBERS = st.integers(0, 20)
_STANDING = """
SELECT count(*) FILTER (WHERE completed_at IS NULL),
       COALESCE(sum(CASE WHEN completed_at IS NULL THEN estimated_cost ELSE cost END), 0) FROM jobs
"""


class PromiseBroken(AssertionError):
    """A promise of docs/reliability.md does not hold."""


def one_of(found: Sequence[str], number: int) -> str | None:
    """Take one of what there is."""
    return found[number % len(found)] if found else None


class History(RuleBasedStateMachine):
    """An empty world at the beginning, all promises kept in the end."""

    stage: Stage  # of the test
    logged: Callable[[], str]
    histories = steps = 0

    def __init__(self) -> None:
        super().__init__()
        type(self).histories += 1
        self.stage.empty()
        self.logged()
        self.requests: dict[str, tuple[bytes, str | None]] = {}
        self.ends: dict[str, list[Any]] = {}
        self.prices = {MODELS["image"]["flux-schnell"]["pricing"]}
        self.estimates: dict[str, float] = {}
        self.limits: dict[str, Any] = {}
        self.numbers = 0
        self.log = ""

    @invariant()
    def an_end_is_an_end(self) -> None:
        type(self).steps += 1
        for job_id, end in self.stage.ends().items():
            before = self.ends.setdefault(job_id, end)
            if end[-1] and not before[-1]:  # deleted: a revision more, and no files
                before = self.ends[job_id] = end
            _require(before == end, f"{job_id} had ended as {before}, and is {end}")

    @invariant()
    def nothing_is_paid_twice(self) -> None:
        counts = self.stage.world.replicate.simulator.report()["jobs"]
        twice = {job: count for job, count in counts.items() if count["billable"] > 1}
        _require(not twice, f"is paid more than once: {twice}")

    def teardown(self) -> None:
        self.stage.wire.stop()
        self.stage.world.replicate.simulator.faults.clear()
        self.lift_limits()
        for key in self.requests:
            self.asks_again(key)
        self.stage.redrive()
        try:
            self.stage.settle()
        except AssertionError as error:
            raise PromiseBroken(str(error)) from error
        self.stage.wire.end()
        found = broken(self.stage, self.read_log()) + self.changed_prices()
        _require(not found, "\n".join(found))

    def read_log(self) -> str:
        """Return everything that was logged in this history, except reports of endings that a restore took back."""
        self.log += self.logged()
        return self.log

    def forget_jobs(self, lost: set[str], logged: int) -> None:
        """Forget the jobs that a restore took back, and what the log has reported of any since."""
        self.requests = {key: (body, None if made in lost else made) for key, (body, made) in self.requests.items()}
        self.estimates = {job_id: told for job_id, told in self.estimates.items() if job_id not in lost}
        since = self.read_log()[logged:].splitlines(keepends=True)
        self.log = self.log[:logged] + "".join(line for line in since if '"action": "job.' not in line)

    def lift_limits(self) -> None:
        raise NotImplementedError

    def asks_again(self, key: str) -> None:
        body, made = self.requests[key]
        answer = self.post(key, body)
        if answer and answer.status == 202:
            job_id = answer.body["jobId"]
            _require(made in (None, job_id), f"{key} made {made}, and then {job_id}")
            self.requests[key] = body, job_id
            self.accepted(answer.body)

    def accepted(self, told: dict[str, Any]) -> None:
        """Note a job that a client was promised, and at which price."""
        job_id, estimate = told["jobId"], told["estimatedCost"]
        self.stage.accepted.append(job_id)
        _require(estimate in self.prices, f"{job_id} costs {estimate}, and the prices were {self.prices}")
        _require(self.estimates.setdefault(job_id, estimate) == estimate, f"{job_id} has two prices")

    def changed_prices(self) -> list[str]:
        """List the jobs that cost something else than their clients were told."""
        jobs = {job_id: self.stage.world.records.find_any(job_id) for job_id in self.estimates}
        wrong = {job_id: job.cost for job_id, job in jobs.items() if job and not self._is_as_told(job_id, job.cost)}
        return [f"{job_id}: costs {cost}, and {self.estimates[job_id]} was told" for job_id, cost in wrong.items()]

    def _is_as_told(self, job_id: str, cost: Decimal | None) -> bool:
        return cost in (None, Decimal(0), Decimal(str(self.estimates[job_id])))

    def post(self, key: str, body: bytes) -> Answer | None:
        event = http_event(
            "POST /generate-media",
            "/generate-media",
            headers=JSON | {"Idempotency-Key": key},
            body=body,
            user_id=self.stage.world.user_id,
            rate_per_hour=self.limits.get("ratePerHour"),
        )
        answer = self.call(generate_media, event)
        self.is_rightly_refused(answer)
        return answer

    def is_rightly_refused(self, answer: Answer | None) -> None:
        """Require that a request is refused for the sake of a limit only if that is reached."""
        code = answer.body.get("code") if answer and answer.status >= 400 else None
        [[running, spent]] = self.stage.world.sql.run(_STANDING)
        most, budget = self.limits.get("concurrentJobs"), self.limits.get("monthlyBudget")
        if code == "too_many_running_jobs":
            _require(most and running >= most, f"{running} jobs run, and {most} are allowed")
        if code == "budget_exceeded":
            left = Decimal(str(budget or "1000")) - spent
            _require(left < Decimal(str(max(self.prices))), f"refused, and {left} of the budget is left")
        if code == "rate_limited":
            _require("ratePerHour" in self.limits, "refused, and the rate is not limited")

    def call(self, handler: Callable[..., Any], event: dict[str, Any]) -> Answer | None:
        """Call a function as a client; None: no answer came."""
        answers: list[Answer] = []
        self.stage.flow(lambda: answers.append(Answer.read(handler(event, Context(30)))))
        return answers[0] if answers else None


def _require(holds: object, otherwise: str) -> None:
    if not holds:
        raise PromiseBroken(otherwise)
