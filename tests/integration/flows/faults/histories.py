"""Long histories: whatever clients, Replicate, AWS and bad luck do in whatever order, the promises hold.

Each history starts in an empty world and ends by letting everything take its course.
"""

import json
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from generate_media.handler import lambda_handler as generate_media
from integration.flows.events import Answer, Context, http_event, sqs_event
from integration.flows.faults.kinds import Fault
from integration.flows.faults.promises import broken
from integration.flows.faults.scenarios import NO_WEBHOOK, body_of, webhook_event
from integration.flows.faults.settling import Stage
from integration.flows.faults.wrong_answers import WRONG_ANSWERS
from integration.flows.world import HANDLERS, JSON, ROUTES
from receive_webhook.handler import lambda_handler as receive_webhook
from replicate_simulator.predictions import TERMINAL

# What may become of a job at Replicate, by itself.
FATES = (
    "",
    "[[fault:nsfw]]",
    "[[fault:aborted]]",
    "[[fault:canceled]]",
    "[[fault:never-finishes]]",
    "[[fault:output-gone]]",
    "[[fault:output-null]]",
    "[[fault:429 times=1]]",
    "[[fault:402 times=1]]",
    "[[fault:500 times=1]]",
    "[[fault:cut-before-accept times=1]]",
    "[[fault:cut-after-accept times=1]]",
    "[[fault:422]]",
    *WRONG_ANSWERS,
)
PARTS = ("redis", "dynamodb", "postgres", "replicate", "s3", "sqs", "secretsmanager", "outgoing")
OUTAGES = (Fault.ERROR, Fault.LOST, Fault.HANG, Fault.THROTTLED)
SPANS = tuple(timedelta(minutes=minutes) for minutes in (1, 3, 6, 35, 70))


# Which of the jobs: what is drawn must not depend on how many there are, which is not the same in every repetition.
NUMBERS = st.integers(0, 20)


def one_of(found: Sequence[str], number: int) -> str | None:
    """Take one of what there is."""
    return found[number % len(found)] if found else None


class Histories(RuleBasedStateMachine):
    """Everything that can happen to jobs, one thing after the other."""

    stage: Stage  # of the test
    logged: Callable[[], str]
    histories = steps = 0

    keys = Bundle("keys")

    def __init__(self) -> None:
        super().__init__()
        type(self).histories += 1
        self.stage.empty()
        self.logged()
        self.requests: dict[str, tuple[bytes, str | None]] = {}
        self.ends: dict[str, list[Any]] = {}

    # clients
    @rule(target=keys, fate=st.sampled_from(FATES), is_told=st.booleans())
    def asks(self, fate: str, is_told: bool) -> str:
        key = f"key {len(self.requests)}"
        wanted = json.loads(body_of(self.stage, f"{NO_WEBHOOK} {fate}"))
        if not is_told:
            del wanted["callbackUrl"]
        self.requests[key] = json.dumps(wanted).encode(), None
        self.asks_again(key)
        return key

    @rule(key=keys)
    def asks_again(self, key: str) -> None:
        body, made = self.requests[key]
        answer = self.post(key, body)
        if answer and answer.status == 202:
            assert made in (None, answer.body["jobId"])
            self.requests[key] = body, answer.body["jobId"]
            self.stage.accepted.append(answer.body["jobId"])

    @rule(key=keys)
    def asks_for_something_else(self, key: str) -> None:
        if self.requests[key][1]:
            answer = self.post(key, body_of(self.stage, f"{NO_WEBHOOK} etwas anderes"))
            assert answer is None or answer.status in (422, 500, 503)

    @rule(action=st.sampled_from(sorted(ROUTES)), number=NUMBERS)
    def acts(self, action: str, number: int) -> None:
        job_id = one_of(list(dict.fromkeys(self.stage.accepted)), number)
        if job_id is None:
            return
        route, handler = ROUTES[action]
        url = route.partition(" ")[2].replace("{jobId}", job_id)
        event = http_event(route, url, path={"jobId": job_id}, user_id=self.stage.world.user_id)
        answer = self.call(handler, event)
        if action == "retry" and answer and answer.status == 202:
            self.stage.accepted.append(answer.body["jobId"])

    @rule(number=NUMBERS)
    def looks(self, number: int) -> None:
        job_id = one_of(list(dict.fromkeys(self.stage.accepted)), number)
        if job_id:
            self.stage.flow(lambda: self.stage.world.status(job_id))

    # Replicate
    @rule(number=NUMBERS, forged=st.booleans())
    def webhook_comes(self, number: int, forged: bool) -> None:
        """Now or later, once or often, in any order."""
        store = self.stage.world.replicate.simulator.store
        ended = sorted({one.job for one in store.newest_first() if one.status in TERMINAL and one.job})
        job_id = one_of(ended, number)
        if job_id is None:
            return
        event = webhook_event(self.stage, job_id)
        if forged:
            event["body"] = event["body"].replace('"output": ', '"output":  ')
        answers: list[Any] = []
        self.stage.flow(lambda: answers.append(receive_webhook(event, Context(10))))
        assert not (forged and answers) or answers[0]["statusCode"] in (401, 429, 500, 503)

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
        self.stage.pass_time(span)

    # bad luck
    @rule(steps=st.integers(0, 12))
    def next_flow_is_killed(self, steps: int) -> None:
        self.stage.wire.steps_to_live = steps

    @rule(part=st.sampled_from(PARTS), fault=st.sampled_from(OUTAGES))
    def part_fails(self, part: str, fault: Fault) -> None:
        self.stage.wire.fail(part, Fault.ERROR if part == "outgoing" else fault)

    @rule()
    def all_parts_are_back(self) -> None:
        self.stage.wire.failing.clear()

    @rule()
    def cache_is_flushed(self) -> None:
        self.stage.redis.flushall()

    # what must hold at every moment
    @invariant()
    def an_end_is_an_end(self) -> None:
        type(self).steps += 1
        for job_id, end in self.stage.ends().items():
            before = self.ends.setdefault(job_id, end)
            if end[-1] and not before[-1]:  # deleted: a revision more, and no files
                before = self.ends[job_id] = end
            assert before == end, f"{job_id} had ended as {before}, and is {end}"

    @invariant()
    def nothing_is_paid_twice(self) -> None:
        counts = self.stage.world.replicate.simulator.report()["jobs"]
        assert {job: count for job, count in counts.items() if count["billable"] > 1} == {}

    def teardown(self) -> None:
        self.stage.wire.stop()
        for key in self.requests:
            self.asks_again(key)
        self.stage.redrive()
        self.stage.settle()
        self.stage.wire.end()
        assert broken(self.stage, self.logged()) == []

    # how
    def post(self, key: str, body: bytes) -> Answer | None:
        headers = JSON | {"Idempotency-Key": key}
        user_id = self.stage.world.user_id
        event = http_event("POST /generate-media", "/generate-media", headers=headers, body=body, user_id=user_id)
        return self.call(generate_media, event)

    def call(self, handler: Callable[..., Any], event: dict[str, Any]) -> Answer | None:
        """Call a function as a client; None: no answer came."""
        answers: list[Answer] = []
        self.stage.flow(lambda: answers.append(Answer.read(handler(event, Context(30)))))
        return answers[0] if answers else None
