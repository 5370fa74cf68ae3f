"""Every flow that matters to a job: what has happened before it, what calls it, and what its caller does next."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from check_replicate_status.absence import APART
from generate_batch.handler import lambda_handler as generate_batch
from generate_media.handler import lambda_handler as generate_media
from integration.flows.batches import event_of
from integration.flows.events import Answer, Context, http_event, sqs_event
from integration.flows.faults.settling import Stage
from integration.flows.world import HANDLERS, JSON, ROUTES
from mediagen.jobs.state import Status
from receive_webhook.handler import lambda_handler as receive_webhook
from replicate_simulator.webhooks import sign

PROMPT = "ein geheimes Boot"
NO_WEBHOOK = "[[fault:webhook-missing]]"  # they are delivered by the tests
RUNS_ON = f"{NO_WEBHOOK} [[fault:never-finishes]]"
KEY = {"Idempotency-Key": "dieselbe Bestellung"}

type Act = Callable[[], object]


@dataclass(frozen=True)
class Call:
    """What calls a function and tells whether it is dealt with, what its caller does then, and what in the end."""

    act: Act
    again: Act
    done: Act = lambda: None


def body_of(stage: Stage, more: str = NO_WEBHOOK, **members: Any) -> bytes:
    """Write a request for an image."""
    wanted = {"mediaType": "image", "modelId": "flux-schnell", "params": {"prompt": f"{PROMPT} {more}"}}
    return json.dumps(wanted | {"callbackUrl": stage.callback_url} | members).encode()


def accepted(stage: Stage, more: str = NO_WEBHOOK, **members: Any) -> str:
    """Ask for an image, without any fault."""
    answer = stage.world.post(body_of(stage, more, **members))
    assert answer.status == 202, answer.body
    stage.accepted.append(answer.body["jobId"])
    return stage.accepted[-1]


def asking(stage: Stage, handler: Callable[[Any, Any], dict[str, object]], event: Mapping[str, Any]) -> Call:
    """Let a client ask, and again with the same key until it is answered."""

    def act() -> None:
        answer = Answer.read(handler(event, Context(30)))
        assert answer.status in (200, 202, 204, 409) or answer.body["retryable"], answer
        results = answer.body.get("results", [answer.body]) if answer.status == 202 else []
        stage.accepted += [result["jobId"] for result in results]

    return Call(act, act)


def handing(stage: Stage, name: str) -> Call:
    """Let a queue hand over its next message; it comes again by itself until it is dealt with."""
    message = stage.received(name)

    def act() -> bool:
        return not HANDLERS[name](sqs_event([message]), Context(60))["batchItemFailures"]

    return Call(act, lambda: None, lambda: stage.taken(name, message))


def generates(stage: Stage) -> Call:
    event = http_event(
        "POST /generate-media",
        "/generate-media",
        headers=JSON | KEY,
        body=body_of(stage),
        user_id=stage.world.user_id,
    )
    return asking(stage, generate_media, event)


def generates_many(stage: Stage) -> Call:
    requests = [json.loads(body_of(stage)) for _ in range(2)]
    return asking(stage, generate_batch, event_of(stage.world, requests, KEY["Idempotency-Key"]))


def submits(stage: Stage) -> Call:
    accepted(stage, f"{NO_WEBHOOK} [[fault:429 times=1]]")
    stage.pass_time(timedelta(minutes=1))
    return handing(stage, "submissions")


def webhook_event(stage: Stage, job_id: str) -> dict[str, Any]:
    """Write the webhook that Replicate sends at the end of a job's prediction."""
    prediction = stage.world.ended_at_replicate(job_id)
    simulator = stage.world.replicate.simulator
    body = json.dumps(prediction.render(simulator.url)).encode()
    timestamp = int(stage.now().timestamp())
    secret = simulator.settings.secret_of(prediction.account)
    headers = {
        "webhook-id": f"msg_{prediction.id}",
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(secret, f"msg_{prediction.id}", timestamp, body),
    }
    return http_event("POST /webhook/replicate", f"/webhook/replicate?jobId={job_id}", headers=headers, body=body)


def hears(stage: Stage) -> Call:
    event = webhook_event(stage, accepted(stage))

    def act() -> None:
        answer = receive_webhook(event, Context(10))
        assert answer["statusCode"] in (202, 401, 500, 503), answer  # 401: after five minutes it is too old

    return Call(act, act)


def heard(stage: Stage, more: str = NO_WEBHOOK) -> str:
    """Bring a job to where its result waits in the queue."""
    job_id = accepted(stage, more)
    assert receive_webhook(webhook_event(stage, job_id), Context(10))["statusCode"] == 202
    return job_id


def processes(stage: Stage) -> Call:
    heard(stage)
    return handing(stage, "webhooks")


def adopts(stage: Stage) -> Call:
    heard(stage, f"{NO_WEBHOOK} [[fault:cut-after-accept]]")
    return handing(stage, "webhooks")


def gives_up(stage: Stage) -> Call:
    heard(stage, f"{NO_WEBHOOK} [[fault:output-gone]]")
    return handing(stage, "webhooks")


def ended(stage: Stage, more: str = NO_WEBHOOK) -> str:
    """Bring a job to its end; its callback is due."""
    job_id = heard(stage, more)
    assert stage.world.pump("webhooks") == []
    assert stage.world.job(job_id).status.is_final
    return job_id


def delivers(stage: Stage) -> Call:
    ended(stage)
    return handing(stage, "callbacks")


def checks(stage: Stage) -> Call:
    """A result nobody was told of, three lost answers (of a run that ended, of one that goes on, of none), one that is
    late, and a lost message."""
    accepted(stage)
    accepted(stage, f"{NO_WEBHOOK} [[fault:cut-after-accept]]")
    accepted(stage, f"{RUNS_ON} [[fault:cut-after-accept]]")
    accepted(stage, f"{NO_WEBHOOK} [[fault:500 times=1]]")
    accepted(stage, RUNS_ON, deadlineSeconds=300)
    accepted(stage, f"{NO_WEBHOOK} [[fault:429 times=1]]")
    stage.replicate_ends()
    stage.pass_time(timedelta(minutes=12))
    stage.taken("submissions", stage.received("submissions"))
    looked_for(stage)
    return Call(stage.check, lambda: None)


def looked_for(stage: Stage) -> None:
    """Record that the poller looked for all jobs in doubt once before, and did not find them."""
    found = "SELECT id, revision, CAST(:first_at AS timestamptz) FROM jobs WHERE status = 'submitting'"
    stage.world.sql.run(f"INSERT INTO absences {found}", first_at=stage.now() - APART)


def acts(stage: Stage, action: str, job_id: str, **headers: str) -> Call:
    route, handler = ROUTES[action]
    url = route.partition(" ")[2].replace("{jobId}", job_id)
    event = http_event(route, url, headers=headers, path={"jobId": job_id}, user_id=stage.world.user_id)
    return asking(stage, handler, event)


def cancels(stage: Stage) -> Call:
    return acts(stage, "cancel", accepted(stage, RUNS_ON))


def cancels_early(stage: Stage) -> Call:
    return acts(stage, "cancel", accepted(stage, f"{RUNS_ON} [[fault:cut-after-accept]]"))


def deletes(stage: Stage) -> Call:
    return acts(stage, "delete", ended(stage))


def retries(stage: Stage) -> Call:
    job_id = ended(stage, f"{NO_WEBHOOK} [[fault:nsfw]]")
    assert stage.world.job(job_id).status is Status.FAILED
    return acts(stage, "retry", job_id, **KEY)


def shows(stage: Stage) -> Call:
    job_id = accepted(stage)
    stage.forget(job_id)

    def act() -> None:
        answer = stage.world.status(job_id)
        assert answer.status == 200 or answer.body["retryable"], answer

    return Call(act, act)


SCENARIOS: dict[str, Callable[[Stage], Call]] = {
    "generate_media": generates,
    "generate_batch": generates_many,
    "submit_job": submits,
    "receive_webhook": hears,
    "process_webhook": processes,
    "process_webhook, the create call's answer lost": adopts,
    "process_webhook, the file gone": gives_up,
    "deliver_callback": delivers,
    "get_status": shows,
    "cancel_job": cancels,
    "cancel_job, the create call's answer lost": cancels_early,
    "retry_job": retries,
    "delete_job": deletes,
    "check_replicate_status": checks,
}
