"""Steps of the clients in a random history: ask, repeat, cancel, delete, retry, look, and be overtaken by another."""

import json
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, rule

from generate_batch.handler import lambda_handler as generate_batch
from integration.flows.batches import event_of
from integration.flows.events import http_event
from integration.flows.faults import actors
from integration.flows.faults.fates import ACTORS, CHANGES, DEADLINES, FATES, MOST_JOBS
from integration.flows.faults.history import NUMBERS, History, one_of
from integration.flows.faults.scenarios import NO_WEBHOOK, body_of
from integration.flows.world import ROUTES


class ClientSteps(History):
    """Everything that clients do, and another actor that is faster than a flow."""

    keys = Bundle("keys")

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

    def asked(self, wanted: dict[str, Any]) -> str:
        """Ask for something new, and return the key of the request."""
        key = f"key {len(self.requests)}"
        self.requests[key] = json.dumps(wanted).encode(), None
        self.asks_again(key)
        return key

    def wanted(self, fate: str, is_told: bool, images: int = 1, deadline: int | None = None) -> dict[str, Any]:
        """Write what a client asks for."""
        wanted: dict[str, Any] = json.loads(body_of(self.stage, f"{NO_WEBHOOK} {fate}"))
        wanted["params"]["num_outputs"] = images
        if deadline:
            wanted["deadlineSeconds"] = deadline
        if not is_told:
            del wanted["callbackUrl"]
        return wanted
