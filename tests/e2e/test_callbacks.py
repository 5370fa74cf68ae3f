"""A client receives its job's callback through the whole platform, and can verify it."""

import json
from typing import Any

from standardwebhooks import Webhook

from common.api import ApiClient
from e2e.parts import IMAGE, Platform, until
from e2e.receiver import Receiver, receiver


def verified(platform: Platform, got: Receiver, job_id: str) -> dict[str, Any]:
    """Verify a callback as a client does."""
    headers, body = got.arrived(job_id)
    secret = platform.client.get("/callback-secret").json()["secrets"][0]["secret"]
    told: dict[str, Any] = Webhook(secret).verify(body, headers)
    return told


def test_a_generation_with_a_callback_arrives_and_its_link_works(platform: Platform, another_user: ApiClient) -> None:
    with receiver(platform) as got:
        job_id = platform.start(IMAGE | {"callbackUrl": got.url})
        told = verified(platform, got, job_id)
        assert (told["jobId"], told["status"]) == (job_id, "completed")
        assert platform.client.get(told["outputs"][0]["url"]).status == 200
        path = f"/jobs/{job_id}/deliveries"

        def delivered() -> Any:
            shown = platform.client.get(path).json()
            return shown if shown["callback"]["state"] == "delivered" else None

        shown = until(delivered, "the delivery in the log")
        assert [made["statusCode"] for made in shown["deliveries"]] == [204]
        for method in ("GET", "POST"):
            assert another_user.request(method, path).json()["code"] == "job_not_found"
        assert platform.client.post(path, b"").status == 202
        until(lambda: len(got.received) == 2, "the same once more")
        assert len({headers["webhook-id"] for headers, _ in got.received}) == 1
    for line in platform.log("deliver_callback"):
        assert got.url not in json.dumps(line) and "whsec_" not in json.dumps(line)


def test_a_rotated_secret_and_the_one_before_both_verify(platform: Platform) -> None:
    [old, *_] = platform.client.get("/callback-secret").json()["secrets"]
    rotated = platform.client.post("/callback-secret/rotate", b"").json()["secrets"]
    assert rotated[1]["secret"] == old["secret"] != rotated[0]["secret"]
    with receiver(platform) as got:
        job_id = platform.start(IMAGE | {"callbackUrl": got.url, "prompt": "[[fault:nsfw]]"})
        headers, body = got.arrived(job_id)
    for secret in rotated[:2]:
        assert Webhook(secret["secret"]).verify(body, headers)["status"] == "failed"


def test_an_address_of_our_own_network_is_refused(platform: Platform) -> None:
    for url in ("https://169.254.169.254/latest/meta-data/", "http://127.0.0.1:6379/", "https://localhost/"):
        response = platform.client.post("/generate-media", IMAGE | {"callbackUrl": url})
        assert (response.status, response.json()["errors"][0]["path"]) == (422, "callbackUrl")
