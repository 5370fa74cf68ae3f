"""Requests about callbacks, and the checks that tests make."""

import json
from typing import Any

from standardwebhooks import Webhook

from integration.flows.events import Answer, Context, http_event
from integration.flows.world import World
from integration.media.file_host import FileHost, body
from integration.waiting import eventually
from manage_callbacks.handler import lambda_handler as manage_callbacks

STRANGER = "0198c0de-0000-4000-8000-000000000009"
DELIVERIES = "/jobs/{jobId}/deliveries"


def manage(world: World, route: str, job_id: str = "", user_id: str | None = None) -> Answer:
    """Send a request to one of the callback routes."""
    url = route.partition(" ")[2].replace("{jobId}", job_id)
    user = world.user_id if user_id is None else user_id
    event = http_event(route, url, path={"jobId": job_id} if job_id else None, user_id=user)
    return Answer.read(manage_callbacks(event, Context(10)))


def ask(world: World, callback_url: str, prompt: str = "ein Boot") -> Answer:
    wanted = {"mediaType": "image", "modelId": "flux-schnell", "prompt": prompt, "callbackUrl": callback_url}
    return world.post(json.dumps(wanted).encode())


def asked(world: World, receiver: FileHost, *replies: int, prompt: str = "ein Boot") -> str:
    """Request an image with a callback to a receiver that returns these answers in order, the last one repeated."""
    left = list(replies or [200])

    def reply(handler: Any) -> None:
        body(b"", status=left.pop(0) if len(left) > 1 else left[0])(handler)

    answer = ask(world, receiver.serve("/vsl", reply), prompt)
    assert answer.status == 202, answer.body
    return str(answer.body["jobId"])


def delivered(world: World, receiver: FileHost, count: int = 1) -> None:
    def arrived() -> bool:
        world.pump()
        return len(receiver.bodies) >= count

    eventually(arrived, f"{count} deliveries")


def verified(world: World, receiver: FileHost, place: int = -1) -> dict[str, Any]:
    """Verify a delivery as a client does; return its content."""
    [current, *_] = manage(world, "GET /callback-secret").body["secrets"]
    headers = receiver.requests[place][1]
    told: dict[str, Any] = Webhook(current["secret"]).verify(receiver.bodies[place], headers)
    return told


def states(world: World, job_id: str) -> Any:
    return world.sql.run("SELECT state, tries FROM callbacks WHERE job_id = :id", id=job_id)


def an_hour_passes(world: World) -> None:
    """Make every waiting callback due."""
    world.sql.run(
        "UPDATE callbacks SET next_try_at = now() - interval '1 hour', leased_until = NULL WHERE state = 'pending'"
    )
