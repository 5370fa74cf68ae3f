"""`vsl generate`: requests once, follows the job to its terminal state, and reports to people and machines."""

import pytest

from common.api import ApiClient
from integration.common.fake_api import JOB_ID, Answer, Api
from integration.vsl.conftest import Run
from vsl.exits import Exit

GENERATE = ("generate", "image", "--model", "flux-schnell")
PROBLEM = {
    "type": "urn:vsl:problem:invalid_fields",
    "status": 422,
    "code": "invalid_fields",
    "detail": "2 fields are not right.",
    "retryable": False,
    "errors": [
        {"path": "params.num_outputs", "code": "maximum", "message": "too many", "allowed": {"maximum": 4}},
        {"path": "params.aspect_ratio", "code": "enum", "message": "unknown", "allowed": ["1:1", "16:9"]},
    ],
}
BUSY = {"code": "unavailable", "detail": "Not now.", "retryable": True}
AT_ONCE = {"Retry-After": "0"}


def test_what_is_asked_for_has_the_types_of_the_command_line(api: Api, vsl: Run) -> None:
    given = ["--param", "fps=24", "--param", "loop=true", "--text", "seed=24", "--prompt", "a [red] house"]
    done = vsl(*GENERATE, *given, "--metadata", "order=7", "--deadline", "90", "--json")
    assert (done.code, done.document["jobId"], done.err) == (Exit.OK, JOB_ID, "")
    [asked] = api.asked("POST", "/generate-media")
    assert asked.json() == {
        "mediaType": "image",
        "modelId": "flux-schnell",
        "params": {"fps": 24, "loop": True, "seed": "24"},
        "prompt": "a [red] house",
        "metadata": {"order": "7"},
        "deadlineSeconds": 90,
    }
    assert asked.headers["authorization"] == "Bearer key"
    assert len(asked.headers["idempotency-key"]) == 36


def test_without_waiting_the_next_command_is_printed(vsl: Run) -> None:
    done = vsl(*GENERATE)
    assert done.code is Exit.OK
    assert f"vsl status {JOB_ID} --wait" in done.out


def test_waiting_uses_long_polls_with_the_known_state(api: Api, vsl: Run) -> None:
    done = vsl(*GENERATE, "--wait", "--json")
    assert (done.code, done.document, done.err) == (Exit.OK, api.completed(), "")
    first, *polls = api.asked("GET", f"/status/{JOB_ID}")
    assert first.path == f"/status/{JOB_ID}"
    assert {poll.path.partition("?")[2] for poll in polls} == {"wait=20"}
    assert all(poll.headers["if-none-match"].startswith('W/"') for poll in polls)


@pytest.mark.parametrize("status", ["failed", "canceled"])
def test_an_unsuccessful_job_is_code_1_with_its_document(api: Api, vsl: Run, status: str) -> None:
    ended = {
        "jobId": JOB_ID,
        "status": status,
        "error": {"code": "content_refused", "message": "No.", "retryable": False},
    }
    api.statuses = [ended]
    done = vsl(*GENERATE, "--wait", "--json")
    assert (done.code, done.document) == (Exit.JOB_FAILED, ended)
    told = vsl("status", JOB_ID, "--wait")
    assert told.code is Exit.JOB_FAILED
    assert "content_refused: No." in told.out


def test_each_refused_field_is_reported_with_its_allowed_values(api: Api, vsl: Run) -> None:
    answer = Answer(422, PROBLEM, {"X-Request-Id": "r-1"})
    api.next = [answer, answer]
    told = vsl(*GENERATE)
    assert (told.code, told.out) == (Exit.REFUSED, "")
    assert told.err.splitlines() == [
        "vsl: 2 fields are not right.",
        "  params.num_outputs   too many; allowed: maximum 4",
        "  params.aspect_ratio  unknown; allowed: 1:1, 16:9",
        "  (422 invalid_fields, request r-1)",
    ]
    error = vsl(*GENERATE, "--json").error
    assert error == PROBLEM | {"exitCode": 3, "requestId": "r-1"}
    assert len(api.seen) == 2


def test_a_request_without_an_answer_is_repeated_with_the_same_key(api: Api, vsl: Run) -> None:
    api.next = [Answer(0), Answer(500, BUSY)]
    assert vsl(*GENERATE).code is Exit.OK
    asked = api.asked("POST", "/generate-media")
    assert len(asked) == 3
    assert len({seen.headers["idempotency-key"] for seen in asked}) == 1


@pytest.mark.parametrize("status", [429, 503])
def test_an_api_that_asks_to_wait_is_asked_again(api: Api, vsl: Run, status: int) -> None:
    api.next = [Answer(status, BUSY, AT_ONCE)] * 4
    assert vsl(*GENERATE).code is Exit.OK
    assert len(api.seen) == 5


def test_a_wait_that_is_too_long_is_reported_instead(api: Api, vsl: Run) -> None:
    limited = {"code": "rate_limited", "detail": "100 an hour.", "retryable": True}
    api.next = [Answer(429, limited, {"Retry-After": "1800"})]
    done = vsl(*GENERATE)
    assert (done.code, len(api.seen)) == (Exit.REFUSED, 1)
    assert "send it again in 1800 s" in done.err


def test_an_unavailable_api_is_code_4_and_prints_the_requests_key(api: Api, vsl: Run) -> None:
    api.next = [Answer(503, BUSY, AT_ONCE)] * 5
    done = vsl(*GENERATE, "--json")
    assert (done.code, done.error["code"], len(api.seen)) == (Exit.UNAVAILABLE, "unavailable", 5)
    key = done.error["idempotencyKey"]
    assert f"--idempotency-key {key}" in done.err
    assert vsl(*GENERATE, "--idempotency-key", key).code is Exit.OK
    assert {seen.headers["idempotency-key"] for seen in api.seen} == {key}


def test_something_that_is_not_the_api_is_code_4(api: Api, vsl: Run) -> None:
    for answer in (Answer(200, b"<html>welcome</html>"), Answer(200, []), Answer(200, {"hello": "world"})):
        api.next = [answer]
        done = vsl("status", JOB_ID, "--json")
        assert (done.code, done.error["code"]) == (Exit.UNAVAILABLE, "unexpected_answer")
        assert "check its address" in done.err
    api.next = [Answer(302, {}, {"Location": "https://elsewhere.example"})]
    assert vsl("status", JOB_ID).code is Exit.UNAVAILABLE


def test_a_wait_ends_when_its_time_is_over_and_the_job_goes_on(api: Api, vsl: Run) -> None:
    api.statuses = [{"jobId": JOB_ID, "status": "processing"}]
    done = vsl(*GENERATE, "--wait", "--timeout", "1", "--json")
    assert (done.code, done.error["code"]) == (Exit.TIMED_OUT, "time_over")
    assert (done.error["jobId"], done.error["jobStatus"]) == (JOB_ID, "processing")
    assert f"vsl status {JOB_ID} --wait" in done.err


def test_a_poll_without_news_is_followed_by_a_look_that_says_how_far_the_job_is(api: Api, vsl: Run) -> None:
    same = {"jobId": JOB_ID, "status": "processing"}
    api.statuses = [same, same, same, api.completed()]
    assert vsl("status", JOB_ID, "--wait", "--json").document == api.completed()
    assert [seen.path.partition("?")[2] for seen in api.seen] == ["", "wait=20", "", "wait=20"]


def test_an_interrupted_request_prints_how_to_repeat_it(vsl: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ApiClient, "request", interrupted)
    done = vsl(*GENERATE, "--wait", "--json")
    assert (done.code, done.error["code"]) == (Exit.INTERRUPTED, "interrupted")
    assert f"--idempotency-key {done.error['idempotencyKey']}" in done.err


def test_foreign_text_sends_no_terminal_escapes(api: Api, vsl: Run) -> None:
    api.next = [Answer(400, {"code": "invalid_request", "detail": "\x1b[2Jgone"})]
    assert vsl("status", JOB_ID).err.startswith("vsl: �[2Jgone\n")


def test_an_api_that_asks_to_wait_beyond_the_timeout_is_not_waited_for(api: Api, vsl: Run) -> None:
    api.next = [Answer(202, {"jobId": JOB_ID}), Answer(503, BUSY, {"Retry-After": "30"})]
    done = vsl(*GENERATE, "--wait", "--timeout", "5", "--json")
    assert (done.code, done.error["jobId"], len(api.seen)) == (Exit.UNAVAILABLE, JOB_ID, 2)
    assert f"vsl status {JOB_ID} --wait" in done.err
