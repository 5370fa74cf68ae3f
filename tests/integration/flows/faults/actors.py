"""Others who act between two steps of a flow: a client, Replicate, the poller."""

from collections.abc import Callable
from datetime import timedelta

from integration.flows.events import Context
from integration.flows.faults.kinds import is_read
from integration.flows.faults.scenarios import webhook_event
from integration.flows.faults.settling import Stage
from integration.flows.faults.steps import STEPS
from receive_webhook.handler import lambda_handler as receive_webhook

type Actor = Callable[[Stage], None]


def newest(stage: Stage) -> str | None:
    rows = stage.world.sql.run("SELECT CAST(id AS text) FROM jobs WHERE deleted_at IS NULL ORDER BY id DESC LIMIT 1")
    return rows[0][0] if rows else None


def client_cancels(stage: Stage) -> None:
    job_id = newest(stage)
    if job_id:
        stage.world.act("cancel", job_id)


def client_deletes(stage: Stage) -> None:
    job_id = newest(stage)
    if job_id:
        stage.world.act("delete", job_id)


def result_comes(stage: Stage) -> None:
    job_id = newest(stage)
    if job_id and stage.is_over_at_replicate(job_id):
        receive_webhook(webhook_event(stage, job_id), Context(10))
    stage.world.pump("webhooks")


def poller_comes_late(stage: Stage) -> None:
    stage.pass_time(timedelta(hours=2))
    stage.world.check()


ALL = (client_cancels, result_comes, poller_comes_late)
FLOWS = ("generate_media", "submit_job", "process_webhook")
ACTORS: dict[str, tuple[Actor, ...]] = dict.fromkeys(FLOWS, ALL)
ACTORS["cancel_job"] = (client_cancels, poller_comes_late)
CASES = [
    (flow, step, actor)
    for flow, actors in ACTORS.items()
    for step in STEPS[flow]
    if not is_read(step)
    for actor in actors
]
