"""Users of verified tokens, as in the API's events."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from generate_media.handler import lambda_handler as generate_media
from get_status.handler import lambda_handler as get_status
from integration.flows.events import Answer, Context, http_event, token_context
from integration.flows.world import JSON, World
from manage_access.handler import lambda_handler as manage_access
from mediagen.access.callers import TokenUser
from mediagen.records.database import Database

ISSUER = "https://login.example.com/"
ADA = {"iss": ISSUER, "sub": "ada", "aud": "media", "exp": "1763830800"}
BODY = b'{"mediaType": "image", "modelId": "flux-schnell", "prompt": "ein Boot"}'


def post(claims: dict[str, str], body: bytes = BODY) -> Answer:
    event = http_event(
        "POST /generate-media", "/generate-media", headers=JSON, body=body, authorizer=token_context(**claims)
    )
    return Answer.read(generate_media(event, Context(30)))


def status(claims: dict[str, str], job_id: str) -> Answer:
    path = {"jobId": job_id}
    event = http_event("GET /status/{jobId}", f"/status/{job_id}", path=path, authorizer=token_context(**claims))
    return Answer.read(get_status(event, Context(25)))


def users(world: World) -> list[list[Any]]:
    return list(
        world.sql.run("SELECT CAST(id AS text), name, issuer FROM users WHERE issuer IS NOT NULL ORDER BY name")
    )


def test_a_user_is_there_with_the_first_job_and_stays_the_same(world: World) -> None:
    jobs = [post(ADA).body["jobId"] for _ in range(2)]
    assert users(world) == [[TokenUser(ISSUER, "ada").id, "ada", ISSUER]]
    assert [status(ADA, job_id).status for job_id in jobs] == [200, 200]


@pytest.mark.parametrize("other", [{"sub": "bob"}, {"iss": "https://other.example.com/"}])
def test_the_jobs_of_another_subject_or_issuer_are_not_there(world: World, other: dict[str, str]) -> None:
    job_id = post(ADA).body["jobId"]
    assert (status(ADA | other, job_id).status, status(ADA, job_id).status) == (404, 200)


def test_a_token_without_a_subject_has_no_user(world: World) -> None:
    answer = post({"iss": ISSUER, "client_id": "machine"})
    assert (answer.status, answer.body["code"]) == (401, "unauthorized")
    assert users(world) == []


def test_a_user_costs_one_statement_and_that_once_in_a_container(
    world: World, monkeypatch: pytest.MonkeyPatch, restart: Callable[..., None]
) -> None:
    statements: list[str] = []
    run = Database.run

    def noted(self: Database, sql: str, **parameters: object) -> Any:
        statements.append(sql.split("(")[0].strip())
        return run(self, sql, **parameters)

    monkeypatch.setattr(Database, "run", noted)
    for _ in range(3):
        assert post(ADA).status == 202
    assert post(ADA | {"sub": "bob"}).status == 202
    assert statements.count("INSERT INTO users") == 2
    restart()
    assert post(ADA).status == 202
    assert statements.count("INSERT INTO users") == 3


def test_a_subject_longer_than_a_name_is_a_user_too(world: World) -> None:
    longest = {"sub": "x" * 254 + "y"}
    assert post(ADA | longest).status == 202
    assert users(world) == [[TokenUser(ISSUER, longest["sub"]).id, "x" * 200, ISSUER]]


def test_the_deployer_sees_the_users_of_tokens_and_their_issuers(world: World) -> None:
    post(ADA)
    listed = json.loads(json.dumps(manage_access({"action": "list"}, Context())))["users"]
    assert [user["issuer"] for user in listed if user["name"] == "ada"] == [ISSUER]
    assert {user["issuer"] for user in listed if user["name"] != "ada"} == {None}
