"""Batches as a client sends and follows them, and as one of many containers accepts them."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from generate_batch.flow import Ports
from generate_batch.handler import batch_ports
from generate_batch.handler import lambda_handler as generate_batch
from get_batch.handler import lambda_handler as get_batch
from integration.flows.events import Answer, Context, http_event
from integration.flows.world import JSON, World
from integration.waiting import eventually
from mediagen.settings import read_settings
from mediagen.wiring.accept import AcceptingSettings

BOAT = {"mediaType": "image", "modelId": "flux-schnell", "prompt": "ein Boot"}
WRONG = BOAT | {"params": {"num_outputs": 9}}
UNKNOWN = BOAT | {"modelId": "no-such-model"}


def event_of(world: World, requests: list[Any], key: str | None = None) -> dict[str, Any]:
    headers = JSON | ({"Idempotency-Key": key} if key else {})
    body = json.dumps({"requests": requests}).encode()
    return http_event("POST /batches", "/batches", headers=headers, body=body, user_id=world.user_id)


def ask(world: World, *requests: Any, key: str | None = None) -> Answer:
    return Answer.read(generate_batch(event_of(world, list(requests), key), Context(30)))


def look(world: World, batch_id: str, user_id: str | None = None) -> Answer:
    user = world.user_id if user_id is None else user_id
    url, path = f"/batches/{batch_id}", {"batchId": batch_id}
    return Answer.read(get_batch(http_event("GET /batches/{batchId}", url, path=path, user_id=user), Context(10)))


def jobs_of(answer: Answer) -> list[str]:
    """Return the ids of the created jobs."""
    return [result["jobId"] for result in answer.body["results"] if "jobId" in result]


def finished(world: World, batch_id: str) -> Answer:
    """Run all functions until all jobs are terminal."""

    def ended() -> Answer | None:
        world.pump()
        seen = look(world, batch_id)
        return seen if seen.body["status"] == "finished" else None

    return eventually(ended, f"the end of batch {batch_id}")


def created_once(world: World, jobs: list[str]) -> bool:
    """Return whether Replicate got exactly one create call for each job, and no other."""
    once = all(world.created(job_id) == {"created": 1, "billable": 1} for job_id in jobs)
    return once and bool(world.replicate.simulator.report()["created"] == len(jobs))


def counts(found: Mapping[str, int]) -> dict[str, int]:
    """Return the states that have at least one job."""
    return {name: count for name, count in found.items() if count}


def in_container(world: World, number: int, *, limit: int) -> Ports:
    """Connect `generate_batch` as one of many containers, which share no memory."""
    settings = world.container_settings(read_settings(AcceptingSettings), number)
    return batch_ports(replace(settings, rate_limit_per_hour=limit))
