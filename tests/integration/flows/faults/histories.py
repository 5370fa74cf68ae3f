"""Long histories: whatever clients, Replicate, AWS and bad luck do in whatever order, the promises hold.

Each history starts in an empty world and ends by letting everything take its course.
"""

import json
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, rule

from generate_batch.handler import lambda_handler as generate_batch
from integration.flows.batches import event_of
from integration.flows.events import Context, http_event, sqs_event
from integration.flows.faults import actors
from integration.flows.faults.history import NUMBERS, History, one_of
from integration.flows.faults.kinds import Fault, is_read
from integration.flows.faults.scenarios import NO_WEBHOOK, body_of, webhook_event
from integration.flows.faults.steps import STEPS
from integration.flows.faults.wrong_answers import WRONG_ANSWERS
from integration.flows.models import FLUX_SCHEMA, MODELS
from integration.flows.world import HANDLERS, ROUTES
from manage_access.handler import lambda_handler as manage_access
from receive_webhook.handler import lambda_handler as receive_webhook
from replicate_simulator.predictions import TERMINAL

# What may become of a job at Replicate, by itself.
USABLE = ("", "[[fault:output-many count=3]]", "[[fault:output-object]]", "[[fault:output-data-uri]]")
FATES = (
    *USABLE,
    "[[fault:nsfw]]",
    "[[fault:failed]]",
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
    "[[fault:answer-202]]",
    *WRONG_ANSWERS,
)
PARTS = ("redis", "dynamodb", "postgres", "replicate", "s3", "sqs", "secretsmanager", "outgoing")
OUTAGES = (Fault.ERROR, Fault.LOST, Fault.HANG, Fault.THROTTLED)
SPANS = tuple(timedelta(minutes=minutes) for minutes in (1, 3, 6, 35, 70))
MOST_JOBS = 20  # else those that wait for a turn behind many in doubt reach their deadlines
DEADLINES = (None, 300, 1200)
# What Replicate may answer to anybody for a while: a token of another account, a 404 that is not true, bare lists.
WRONG_TO_ALL: tuple[tuple[dict[str, Any], ...], ...] = (
    tuple({"fault": "other-account", "on": on} for on in ("account", "list", "get")),
    ({"fault": "404", "on": "get", "times": 2},),
    ({"fault": "list-without-webhook"},),
)
LIMITS: tuple[dict[str, Any], ...] = ({"concurrentJobs": 2}, {"monthlyBudget": 0.007}, {"ratePerHour": 3})
NO_LIMITS = {"concurrentJobs": None, "monthlyBudget": None, "ratePerHour": None}
ACTORS = (actors.client_cancels, actors.client_deletes, actors.result_comes, actors.poller_comes_late)
CHANGES = sorted({step for steps in STEPS.values() for step in steps if not is_read(step)})


class Histories(History):
    """Everything that can happen to jobs, one thing after the other."""

    keys = Bundle("keys")

    # clients
    @rule(
        target=keys,
        fate=st.sampled_from(FATES),
        is_told=st.booleans(),
        images=st.integers(1, 2),
        deadline=st.sampled_from(DEADLINES),
    )
    def asks(self, fate: str, is_told: bool, images: int, deadline: int | None) -> str:
        return self.asked(self.wanted(fate, is_told, images, deadline))

    @rule(key=keys)
    def asks_once_more(self, key: str) -> None:
        self.asks_again(key)

    @rule(fates=st.lists(st.sampled_from(FATES), min_size=1, max_size=3), times=st.integers(1, 2))
    def asks_for_many(self, fates: list[str], times: int) -> None:
        if len(self.stage.accepted) > MOST_JOBS:
            return
        self.numbers += 1
        event = event_of(self.stage.world, [self.wanted(fate, True) for fate in fates], f"batch {self.numbers}")
        made: list[list[str]] = []
        for _ in range(times):
            answer = self.call(generate_batch, event)
            if answer and answer.status == 202:
                results = [result for result in answer.body["results"] if "jobId" in result]
                made.append([result["jobId"] for result in results])
                for result in results:
                    self.accepted(result)
        assert made[1:] in ([], made[:1])

    @rule(key=keys)
    def asks_for_something_else(self, key: str) -> None:
        if self.requests[key][1]:
            answer = self.post(key, body_of(self.stage, f"{NO_WEBHOOK} etwas anderes"))
            assert answer is None or answer.status in (422, 500, 503)

    @rule(action=st.sampled_from(sorted(ROUTES)), number=NUMBERS)
    def acts(self, action: str, number: int) -> None:
        ended = [] if action == "cancel" else sorted(self.stage.ends())
        job_id = one_of(ended or list(dict.fromkeys(self.stage.accepted)), number)
        if job_id is None:
            return
        route, handler = ROUTES[action]
        url = route.partition(" ")[2].replace("{jobId}", job_id)
        event = http_event(route, url, path={"jobId": job_id}, user_id=self.stage.world.user_id)
        answer = self.call(handler, event)
        if action == "retry" and answer and answer.status == 202:
            self.accepted(answer.body)

    @rule(number=NUMBERS, fate=st.sampled_from(FATES), deadline=st.sampled_from(DEADLINES))
    def asks_cancels_and_retries(self, number: int, fate: str, deadline: int | None) -> None:
        self.asked(self.wanted(fate, is_told=True, deadline=deadline))
        for action in ("cancel", "retry"):
            self.acts(action, number)

    @rule(number=NUMBERS)
    def looks(self, number: int) -> None:
        job_id = one_of(list(dict.fromkeys(self.stage.accepted)), number)
        if job_id:
            self.stage.flow(lambda: self.stage.world.status(job_id))

    @rule(step=st.sampled_from(CHANGES), actor=st.sampled_from(ACTORS))
    def other_is_faster(self, step: str, actor: actors.Actor) -> None:
        """Let another act between two steps of the next flow that takes this step.

        In these tests all share one connection to PostgreSQL: the poller's threads would wait for the statement in
        which it acts, for ever.
        """
        if actor is not actors.poller_comes_late or not step.startswith("postgres"):
            self.stage.wire.meanwhile = (step, lambda: actor(self.stage))

    # the operator
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

    @rule()
    def all_parts_are_back(self) -> None:
        self.stage.wire.failing.clear()
        self.stage.world.replicate.simulator.faults.clear()

    @rule()
    def cache_is_flushed(self) -> None:
        self.stage.redis.flushall()

    # how
    def asked(self, wanted: dict[str, Any]) -> str:
        """Ask for something new, and return the key of the request."""
        key = f"key {len(self.requests)}"
        self.requests[key] = json.dumps(wanted).encode(), None
        self.asks_again(key)
        return key

    def webhook_of(self, job_id: str, forged: bool) -> None:
        event = webhook_event(self.stage, job_id)
        if forged:
            event["body"] = event["body"].replace('"output": ', '"output":  ')
        answers: list[Any] = []
        self.stage.flow(lambda: answers.append(receive_webhook(event, Context(10))))
        assert not (forged and answers) or answers[0]["statusCode"] in (401, 429, 500, 503)

    def wanted(self, fate: str, is_told: bool, images: int = 1, deadline: int | None = None) -> dict[str, Any]:
        """Write what a client asks for."""
        wanted: dict[str, Any] = json.loads(body_of(self.stage, f"{NO_WEBHOOK} {fate}"))
        wanted["params"]["num_outputs"] = images
        if deadline:
            wanted["deadlineSeconds"] = deadline
        if not is_told:
            del wanted["callbackUrl"]
        return wanted
