"""A client that follows a job gets no news twice, gets new states at once, and can name the answer it has."""

import pytest

from common.api import Response
from e2e.parts import IMAGE, Platform, until


def test_a_known_state_is_304_without_a_body_until_the_job_changes(platform: Platform) -> None:
    job_id = platform.start(IMAGE | {"prompt": "[[fault:webhook-missing]]"})
    first = platform.client.get(f"/status/{job_id}")
    known = {"if-none-match": first.headers["etag"]}
    again = platform.client.get(f"/status/{job_id}", known)
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert int(again.headers["retry-after"]) >= 2
    platform.completed_by_poller(job_id)
    changed = platform.client.get(f"/status/{job_id}", known)
    assert (changed.status, changed.json()["status"]) == (200, "completed")
    assert changed.headers["etag"] != first.headers["etag"]


@pytest.mark.parametrize("knows", [True, False])
def test_a_long_poll_returns_the_terminal_state(platform: Platform, knows: bool) -> None:
    platform.generate(IMAGE)  # so that every function on the way has a warm container
    job_id = platform.start(IMAGE | {"prompt": "[[fault:takes seconds=3]]"})
    first = platform.client.get(f"/status/{job_id}")
    assert first.json()["status"] == "processing"
    assert first.json()["progress"]["source"] == "time"
    headers = {"if-none-match": first.headers["etag"]} if knows else {}
    looks: list[Response] = []

    def told() -> bool:
        looks.append(platform.client.get(f"/status/{job_id}?wait=20", headers))
        return looks[-1].status == 200 and looks[-1].json()["status"] == "completed"

    until(told, "the end")
    assert len(looks) < 5  # one, unless this machine is very slow; a client that does not wait polls thirty times
    assert looks[-1].json()["progress"] is None
    assert all(output["expiresAt"] for output in looks[-1].json()["outputs"])


def test_a_wait_without_news_ends_with_304(platform: Platform) -> None:
    job_id = platform.start(IMAGE | {"prompt": "[[fault:never-finishes]]"})
    tag = platform.client.get(f"/status/{job_id}").headers["etag"]
    assert platform.client.get(f"/status/{job_id}?wait=1", {"if-none-match": tag}).status == 304


@pytest.mark.parametrize("wait", ["21", "-1", "soon", "1.5"])
def test_a_wait_that_makes_no_sense_is_422(platform: Platform, wait: str) -> None:
    answer = platform.client.get(f"/status/01950000-0000-7000-8000-000000000000?wait={wait}")
    assert (answer.status, answer.json()["errors"][0]["path"]) == (422, "wait")


def test_the_id_of_an_answer_finds_what_was_logged_for_it(platform: Platform) -> None:
    answer = platform.client.post("/generate-media", IMAGE, {"x-request-id": "chosen by a client"})
    request_id = answer.headers["x-request-id"]
    assert request_id and request_id != "chosen by a client"

    def logged() -> set[str]:
        lines = platform.log("generate_media")
        return {line["action"] for line in lines if line.get("metadata", {}).get("requestId") == request_id}

    assert "job.started" in until(logged, "the lines of the request")
