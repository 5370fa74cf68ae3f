"""Users are isolated: every operation of the document is tried with another user's key."""

import json
import re
from typing import Any

import pytest

from common.api import ApiClient
from contract.answers import DOCUMENT
from e2e.parts import IMAGE, Platform, until

OPERATIONS: dict[str, tuple[str, str]] = {
    operation["operationId"]: (method.upper(), path)
    for path, item in json.loads(DOCUMENT.read_text())["paths"].items()
    for method, operation in item.items()
    if method in ("get", "post", "put", "patch", "delete")
}
OF_NOBODY = {"modelId"}  # names that belong to no user
OPEN_TO_ALL = {"getDocument", "showDocument", "checkHealth", "listModels", "getModel", "receiveWebhook"}
MAKE_ONES_OWN = {"generateMedia", "generateBatch", "rotateCallbackSecret"}
LISTS: dict[str, str] = {"listJobs": "jobs", "getUsage": "usage"}  # empty for other users
OWN_SECRETS = {"getCallbackSecret"}


def names(operation: str) -> set[str]:
    return set(re.findall(r"{(\w+)}", OPERATIONS[operation][1])) - OF_NOBODY


ON_THINGS = sorted(operation for operation in OPERATIONS if names(operation))


@pytest.fixture
def things(platform: Platform) -> dict[str, list[tuple[str, str]]]:
    """Return a user's resources by their path parameter, each with the refusal that other users get."""
    running = platform.start(IMAGE | {"prompt": "[[fault:never-finishes]]"})
    until(lambda: platform.status(running)["status"] == "processing" or None, "a running job")
    batch = platform.client.post("/batches", {"requests": [IMAGE]}).json()
    finished = [platform.generate(IMAGE)["jobId"], batch["results"][0]["jobId"]]
    platform.finished(finished[1])
    return {
        "jobId": [(job_id, "job_not_found") for job_id in [running, *finished]],
        "batchId": [(batch["batchId"], "batch_not_found")],
    }


def state(platform: Platform) -> list[Any]:
    """Return the state of all jobs, without values that change by time alone."""
    told = "to_jsonb(jobs) - '{next_check_at,updated_at,logged_percent}'::text[]"
    rows = platform.sql(f"SELECT {told} FROM jobs WHERE user_id = :id ORDER BY id", id=platform.environment.user_id)
    return [*rows, *platform.sql("SELECT count(*) FROM jobs"), *platform.sql("SELECT count(*) FROM batches")]


def test_every_operation_is_known_here() -> None:
    assert {*ON_THINGS, *OPEN_TO_ALL, *MAKE_ONES_OWN, *LISTS, *OWN_SECRETS} == set(OPERATIONS)


def test_to_others_the_things_of_a_user_do_not_exist_and_stay_as_they_are(
    platform: Platform, another_user: ApiClient, things: dict[str, list[tuple[str, str]]]
) -> None:
    before = state(platform)
    for operation in ON_THINGS:
        method, path = OPERATIONS[operation]
        [name] = names(operation)
        for value, code in things[name]:
            answer = another_user.request(method, path.replace(f"{{{name}}}", value))
            assert (answer.status, answer.json()["code"]) == (404, code), (operation, answer.body)
            assert value.encode() not in answer.body
    assert state(platform) == before


def test_lists_have_nothing_of_others(
    platform: Platform, another_user: ApiClient, things: dict[str, list[tuple[str, str]]]
) -> None:
    for operation, member in LISTS.items():
        mine, theirs = (client.get(OPERATIONS[operation][1]).json() for client in (platform.client, another_user))
        assert (bool(mine[member]), theirs[member]) == (True, [])
    for operation in OWN_SECRETS:
        path = OPERATIONS[operation][1]
        [mine, *_], [theirs, *_] = (client.get(path).json()["secrets"] for client in (platform.client, another_user))
        assert mine["secret"] != theirs["secret"]
