"""A batch over HTTP: six requests of three kinds go through the queue, and each is paid once."""

import json

from common.api import ApiClient
from e2e.parts import AUDIO, IMAGE, VIDEO, Platform, until

WRONG = {"mediaType": "image", "modelId": "no-such-model"}
BATCH = {"requests": [IMAGE, VIDEO, WRONG, AUDIO, IMAGE | {"prompt": "a boat"}, IMAGE | {"prompt": "[[fault:failed]]"}]}
KEY = {"Idempotency-Key": "order 18"}


def test_each_request_of_a_batch_ends_on_its_own_and_is_paid_once(platform: Platform, another_user: ApiClient) -> None:
    first = platform.client.post("/batches", BATCH, KEY)
    assert (first.status, first.json()["counts"]) == (202, {"accepted": 5, "refused": 1})
    assert platform.client.post("/batches", BATCH, KEY).body == first.body
    url = first.json()["statusUrl"]
    assert first.headers["location"] == url

    def finished() -> bool:
        return bool(platform.client.get(url).json()["status"] == "finished")

    until(finished, "the end of the batch")
    seen = platform.client.get(url).json()
    counts = {name: count for name, count in seen["counts"].items() if count}
    assert counts == {"completed": 4, "failed": 1, "refused": 1}
    assert seen["results"][2]["error"] == first.json()["results"][2]["error"]
    jobs = [result["jobId"] for result in seen["results"] if "jobId" in result]
    assert [platform.predictions_of(job_id) for job_id in jobs] == [1] * 5
    assert platform.client.post("/batches", BATCH, KEY).body == first.body
    refused = another_user.get(url)
    assert (refused.status, refused.json()["code"]) == (404, "batch_not_found")


def test_a_batch_of_which_nothing_is_accepted_is_refused_with_each_reason(platform: Platform) -> None:
    refused = platform.client.post("/batches", {"requests": [WRONG, json.dumps(IMAGE)]})
    assert (refused.status, refused.json()["code"]) == (422, "batch_refused")
    codes = [result["error"]["code"] for result in refused.json()["results"]]
    assert codes == ["unknown_model", "invalid_request"]
