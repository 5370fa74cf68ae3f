"""Bearer tokens instead of API keys, by a Terraform variable: enabled, used, and disabled again."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from common.api import ApiClient, Response
from e2e.issuer import AUDIENCE, Issuer, running_issuer
from e2e.parts import IMAGE, Platform
from e2e.terraform_plans import LOST_OF_ALARMS, changes
from local_cloud import packages
from local_cloud.cloud import LocalCloud
from local_cloud.state import Environment
from local_cloud.terraform import Terraform
from mediagen.access.callers import TokenUser

JOB = "/status/01950000-0000-7000-8000-000000000000"


@pytest.fixture(scope="module")
def issuer(cloud: LocalCloud, environment: Environment, terraform: Terraform) -> Iterator[Issuer]:
    """The issuer whose tokens the API accepts during these tests."""
    file, variables = cloud.state_dir / packages.FILE, cloud.variables(environment)
    with running_issuer() as running:
        try:
            terraform.apply(file, variables | with_tokens_of(running), lambda told: None)
            yield running
        finally:
            terraform.apply(file, variables, lambda told: None)


def with_tokens_of(issuer: Issuer) -> dict[str, str]:
    """Return the Terraform variables that enable tokens."""
    return {"api": json.dumps({"jwt": {"issuer": issuer.url, "audience": [AUDIENCE]}})}


def of(platform: Platform, token: str) -> Platform:
    return Platform(platform.cloud, replace(platform.environment, api_key=token))


def test_a_token_gets_its_own_job_from_request_to_link(platform: Platform, issuer: Issuer) -> None:
    ada, bob = (of(platform, issuer.token(name)) for name in ("ada", "bob"))
    document = ada.generate(IMAGE)
    assert document["status"] == "completed" and document["outputs"]
    assert [one.client.get(f"/status/{document['jobId']}").status for one in (ada, bob)] == [200, 404]
    rows = platform.sql("SELECT CAST(id AS text), name FROM users WHERE issuer = :issuer", issuer=issuer.url)
    assert rows == [[TokenUser(issuer.url, "ada").id, "ada"]]


def test_a_new_token_of_the_same_subject_is_the_same_user(platform: Platform, issuer: Issuer) -> None:
    job_id = of(platform, issuer.token("carol")).start(IMAGE)
    assert of(platform, issuer.token("carol", exp=int(time.time()) + 60)).finished(job_id)["status"] == "completed"


def refused_tokens(issuer: Issuer) -> dict[str, str]:
    """Make tokens that the API must reject."""
    now = int(time.time())
    return {
        "expired": issuer.token("ada", exp=now - 1),
        "not yet valid": issuer.token("ada", nbf=now + 60),
        "of another issuer": issuer.token("ada", iss="https://other.example.com"),
        "made for somebody else": issuer.token("ada", aud="https://other.example.com"),
        "signed by somebody else": issuer.token("ada", is_forged=True),
        "not a token": "x",
    }


def test_the_api_itself_refuses_every_other_token_with_its_own_401(platform: Platform, issuer: Issuer) -> None:
    answers = {kind: of(platform, token).client.get(JOB) for kind, token in refused_tokens(issuer).items()}
    answers |= {"an API key": platform.client.get(JOB), "none": ApiClient(platform.environment.api_url).get(JOB)}
    assert {kind: told(answer) for kind, answer in answers.items()} == {
        kind: (401, {"message": "Unauthorized"}) for kind in answers
    }


def told(response: Response) -> tuple[int, Any]:
    return response.status, response.json()


def test_there_is_one_authorizer_and_a_second_plan_shows_no_changes(
    cloud: LocalCloud, environment: Environment, terraform: Terraform, platform: Platform, issuer: Issuer
) -> None:
    apis = platform.deployer.aws.client("apigatewayv2")
    [api] = apis.get_apis()["Items"]
    authorizers = apis.get_authorizers(ApiId=api["ApiId"])["Items"]
    assert [one["AuthorizerType"] for one in authorizers] == ["JWT"]
    routes = {route["RouteKey"]: route for route in apis.get_routes(ApiId=api["ApiId"])["Items"]}
    open_to_all = {key for key, route in routes.items() if route["AuthorizationType"] != "JWT"}
    assert open_to_all == {"POST /webhook/replicate", "GET /openapi.json", "GET /docs", "GET /health"}
    assert {routes[key]["AuthorizationType"] for key in open_to_all} == {"NONE"}
    variables = cloud.variables(environment) | with_tokens_of(issuer)
    plan = terraform.plan(cloud.state_dir / packages.FILE, variables)
    assert changes(plan) - LOST_OF_ALARMS.keys() == set()
