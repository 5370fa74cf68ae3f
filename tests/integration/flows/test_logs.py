"""Log lines never contain keys, tokens, secrets, prompts, signed links or bodies."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from authorize.handler import lambda_handler as authorize
from integration.flows.events import Context, authorizer_event
from integration.flows.world import World
from integration.wire import closed_port
from manage_access.handler import lambda_handler as manage_access

PROMPT = "das geheime Boot"
FIELDS = {"timestamp", "level", "jobId", "userId", "action", "mediaType", "modelId", "duration", "error", "metadata"}
FAULTS = [
    "webhook-duplicate", "webhook-forged", "output-foreign-host", "output-private-address", "output-html", "failed",
    "nsfw", "429 times=1", "402", "cut-after-accept", "500", "422", "output-data-uri", "output-text",
]  # fmt: skip


def live(world: World, restart: Callable[..., None]) -> list[str]:
    """Run as many successes and failures as possible; return the texts that must not be logged."""
    user = manage_access({"action": "create-user", "name": "Ada"}, Context())
    key = manage_access({"action": "create-key", "userId": user["userId"]}, Context())["apiKey"]
    authorize(authorizer_event({"Authorization": f"Bearer {key}"}), Context())
    links: list[str] = []
    for fault in FAULTS:
        world.resumed()
        answer = world.generate(f"{PROMPT} [[fault:{fault}]]")
        job_id = answer.body.get("jobId")
        if answer.status == 202 and fault not in ("402", "500", "webhook-forged"):
            world.resumed()
            world.settled(job_id) if fault != "429 times=1" else world.hand_over("submissions", {"jobId": job_id})
            links += [output["url"] for output in world.status(job_id).body["outputs"]]
        if not world.job(job_id).status.is_final:
            world.overdue(job_id)
    world.post(f'{{"prompt": "{PROMPT}"'.encode())
    world.check()
    world.resumed()
    restart(REPLICATE_BASE_URL=f"http://127.0.0.1:{closed_port()}/v1", RATE_LIMIT_PER_HOUR="1")
    world.generate(PROMPT)
    settings = world.replicate.settings
    assert links
    return [key, PROMPT, settings.api_token, settings.webhook_secret, "X-Amz-", *links, "Authorization", "v1,"]


def test_no_line_has_a_secret_and_every_line_has_the_same_fields(
    world: World, restart: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    restart(LOG_LEVEL="DEBUG")
    capsys.readouterr()
    secrets = live(world, restart)
    output = capsys.readouterr()
    for secret in secrets:
        assert secret not in output.out
        assert json.dumps(secret)[1:-1] not in output.out
        assert secret not in output.err
    lines: list[dict[str, Any]] = [json.loads(line) for line in output.out.splitlines()]
    assert len(lines) > 100
    for line in lines:
        assert line.keys() >= FIELDS
        assert line["level"] in {"DEBUG", "INFO", "WARNING", "ERROR"}


def test_an_unexpected_error_shows_no_detail_to_the_caller_and_its_kind_in_the_log(
    world: World, capsys: pytest.CaptureFixture[str], restart: Callable[..., None]
) -> None:
    restart(MODELS="not json")
    answer = world.generate(PROMPT)
    assert (answer.status, answer.body["code"], answer.body["retryable"]) == (500, "internal_error", True)
    assert "json" not in answer.body["detail"].lower()
    [line] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (line["action"], line["level"]) == ("unexpected_error", "ERROR")
    assert line["error"].startswith("JSONDecodeError")
    assert line["metadata"]["requestId"] == answer.headers["x-request-id"]


@pytest.fixture
def refused_rows(sql: Any) -> Iterator[None]:
    """Let PostgreSQL refuse every new or changed row of a job, with an error that quotes the row."""
    sql.run("ALTER TABLE jobs ADD CONSTRAINT planted CHECK (status IS NULL) NOT VALID")
    yield
    sql.run("ALTER TABLE jobs DROP CONSTRAINT planted")


def test_no_value_of_a_row_that_postgresql_refuses_is_logged(
    world: World, refused_rows: None, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = world.generate(PROMPT)
    assert (answer.status, answer.body["code"]) == (500, "internal_error")
    output = capfd.readouterr()
    assert PROMPT not in output.out + output.err
    [line] = [json.loads(line) for line in output.out.splitlines()]
    assert line["error"].startswith("StatementFailed: 23514 integrity_constraint_violation jobs planted from")


def test_no_value_of_a_row_is_logged_by_a_queue_function_or_a_schedule_either(
    world: World, sql: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    job_id = world.generate(f"{PROMPT} [[fault:webhook-missing]]").body["jobId"]
    sql.run("UPDATE jobs SET next_check_at = now() WHERE id = :id", id=job_id)
    sql.run("ALTER TABLE jobs ADD CONSTRAINT planted CHECK (status IS NULL) NOT VALID")
    message = {"jobId": job_id}
    try:
        for act in (world.check, lambda: world.hand_over("submissions", message), lambda: world.settled(job_id)):
            with suppress(Exception):  # each fails; the point is what it logs
                act()
    finally:
        sql.run("ALTER TABLE jobs DROP CONSTRAINT planted")
    output = capfd.readouterr()
    assert "23514" in output.out
    assert PROMPT not in output.out + output.err


def test_every_line_of_a_request_names_it_and_every_line_of_a_message_the_message(
    world: World, capsys: pytest.CaptureFixture[str], restart: Callable[..., None]
) -> None:
    world.cloud.parameter("/vsl-test/no-redis", f"redis://127.0.0.1:{closed_port()}")
    restart(REDIS_URL_PARAMETER="/vsl-test/no-redis", LOG_LEVEL="DEBUG")  # so that there is much to log
    capsys.readouterr()

    def told(name: str) -> set[str]:
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert len(lines) > 1
        restart()  # the next call asks Redis again, and has to log that it is down
        return {line["metadata"][name] for line in lines}

    accepted = world.generate("[[fault:webhook-missing]]")
    assert told("requestId") == {accepted.headers["x-request-id"]}
    asked = world.status(accepted.body["jobId"])
    assert told("requestId") == {asked.headers["x-request-id"]} != {accepted.headers["x-request-id"]}
    event = authorizer_event({"Authorization": "Bearer x"})
    authorize(event, Context())
    assert told("requestId") == {event["requestContext"]["requestId"]}
    replicate_id = world.job(accepted.body["jobId"]).replicate_id
    prediction = {"id": replicate_id, "status": "failed"}
    world.hand_over("webhooks", {"jobId": accepted.body["jobId"], "prediction": prediction})
    [message_id] = told("messageId")
    assert message_id
