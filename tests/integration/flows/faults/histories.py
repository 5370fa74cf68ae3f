"""Long histories: whatever clients, Replicate, AWS and bad luck do in whatever order, the promises hold.

Each history starts in an empty world and ends by letting everything take its course.
"""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from integration.flows.events import Context, sqs_event
from integration.flows.faults.client_steps import ClientSteps
from integration.flows.faults.fates import OUTAGES, PARTS, SPANS, USABLE, WRONG_TO_ALL
from integration.flows.faults.history import NUMBERS, one_of
from integration.flows.faults.kinds import Fault
from integration.flows.faults.operator_steps import OperatorSteps
from integration.flows.faults.scenarios import webhook_event
from integration.flows.world import HANDLERS
from receive_webhook.handler import lambda_handler as receive_webhook
from replicate_simulator.predictions import TERMINAL


class Histories(ClientSteps, OperatorSteps):
    """Everything that can happen to jobs, one thing after the other."""

    # Replicate
    @rule(number=NUMBERS, forged=st.booleans())
    def webhook_comes(self, number: int, forged: bool) -> None:
        """Now or later, once or often, in any order."""
        store = self.stage.world.replicate.simulator.store
        ended = sorted({one.job for one in store.newest_first() if one.status in TERMINAL and one.job})
        job_id = one_of(ended, number)
        if job_id is None:
            return
        self.webhook_of(job_id, forged)

    @rule(rules=st.sampled_from(WRONG_TO_ALL))
    def replicate_answers_wrongly(self, rules: tuple[dict[str, Any], ...]) -> None:
        self.stage.world.replicate.simulator.add_faults(*rules)

    # AWS
    @rule(name=st.sampled_from(sorted(HANDLERS)), is_lost=st.booleans())
    def message_is_handed_over(self, name: str, is_lost: bool) -> None:
        """A message that is lost is one that was dealt with, and comes again."""
        for message in self.stage.visible(name):
            act = lambda: not HANDLERS[name](sqs_event([message]), Context(60))["batchItemFailures"]  # noqa: E731, B023
            self.stage.flow(act, (lambda: None) if is_lost else lambda: self.stage.taken(name, message))  # noqa: B023

    @rule()
    def dead_letters_come_back(self) -> None:
        self.stage.redrive()

    @rule()
    def poller_runs(self) -> None:
        self.stage.replicate_ends()
        self.stage.flow(self.stage.check)

    @rule(span=st.sampled_from(SPANS))
    def time_passes(self, span: timedelta) -> None:
        self.stage.replicate_ends()
        self.stage.pass_time(span)

    # bad luck
    @rule(steps=st.integers(0, 12))
    def next_flow_is_killed(self, steps: int) -> None:
        self.stage.wire.steps_to_live = steps

    @rule(part=st.sampled_from(PARTS), fault=st.sampled_from(OUTAGES))
    def part_fails(self, part: str, fault: Fault) -> None:
        self.stage.wire.fail(part, Fault.ERROR if part == "outgoing" else fault)

    @rule(fate=st.sampled_from(USABLE), steps=st.integers(4, 14))
    def worker_dies_over_a_result(self, fate: str, steps: int) -> None:
        job_id = self.requests[self.asked(self.wanted(fate, is_told=True))][1]
        if job_id and self.stage.is_over_at_replicate(job_id):
            self.webhook_of(job_id, forged=False)
            self.next_flow_is_killed(steps)
            self.message_is_handed_over("webhooks", is_lost=False)

    @rule(fate=st.sampled_from(("", "[[fault:cut-after-accept times=1]]")))
    def another_token_is_used_for_one_job(self, fate: str) -> None:
        """So briefly that the poller sees nothing of the other account."""
        self.token_changes()
        self.asked(self.wanted(fate, is_told=True))
        self.token_changes()

    @rule()
    def all_parts_are_back(self) -> None:
        self.stage.wire.failing.clear()
        self.stage.world.replicate.simulator.faults.clear()

    @rule()
    def cache_is_flushed(self) -> None:
        self.stage.redis.flushall()

    def webhook_of(self, job_id: str, forged: bool) -> None:
        event = webhook_event(self.stage, job_id)
        if forged:
            event["body"] = event["body"].replace('"output": ', '"output":  ')
        answers: list[Any] = []
        self.stage.flow(lambda: answers.append(receive_webhook(event, Context(10))))
        assert not (forged and answers) or answers[0]["statusCode"] in (401, 429, 500, 503)
