"""Invalid input over HTTP: each case has its status and code in a problem document, and changes nothing."""

import json
from typing import Any

import pytest

from common.api import ApiClient, Response
from e2e.parts import IMAGE, Platform

ROUTES = [
    ("POST", "/generate-media"),
    ("GET", "/status/01950000-0000-7000-8000-000000000000"),
    ("POST", "/jobs/01950000-0000-7000-8000-000000000000/cancel"),
    ("POST", "/jobs/01950000-0000-7000-8000-000000000000/retry"),
    ("DELETE", "/jobs/01950000-0000-7000-8000-000000000000"),
    ("GET", "/jobs"),
    ("GET", "/models"),
    ("GET", "/models/flux-schnell"),
    ("GET", "/jobs/01950000-0000-7000-8000-000000000000/deliveries"),
    ("POST", "/jobs/01950000-0000-7000-8000-000000000000/deliveries"),
    ("GET", "/callback-secret"),
    ("POST", "/callback-secret/rotate"),
    ("GET", "/usage"),
]


def problem(response: Response, status: int, code: str) -> dict[str, Any]:
    assert response.status == status, response.body
    assert response.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = response.json()
    assert document["code"] == code
    assert document["status"] == status
    assert isinstance(document["retryable"], bool) and document["detail"]
    return document


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize("key", ["vsl_local_wrong", "not-a-key", "vsl_local_" + "0" * 38])
def test_a_wrong_key_is_401_on_every_route(platform: Platform, method: str, path: str, key: str) -> None:
    client = ApiClient(platform.environment.api_url, key)
    headers = {"content-type": "application/json"}
    problem(client.request(method, path, data=json.dumps(IMAGE).encode(), headers=headers), 401, "unauthorized")


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_a_missing_key_is_401_on_every_route(platform: Platform, method: str, path: str) -> None:
    assert ApiClient(platform.environment.api_url).request(method, path).status == 401


def test_a_revoked_key_is_401(platform: Platform) -> None:
    user = platform.deployer.manage_access("create-user", name="leaving")
    made = platform.deployer.manage_access("create-key", userId=user["userId"])
    platform.deployer.manage_access("revoke-key", keyId=made["keyId"])
    client = ApiClient(platform.environment.api_url, made["apiKey"])
    problem(client.post("/generate-media", IMAGE), 401, "unauthorized")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "invalid_request"),
        (b"", 400, "invalid_request"),
        (b"[]", 400, "invalid_request"),
        (b'"text"', 400, "invalid_request"),
        (b"\xff\xfe", 400, "invalid_request"),
        (b'{"a":' * 100 + b"1" + b"}" * 100, 400, "invalid_request"),
        (b"[" * 100_000, 400, "invalid_request"),
        (json.dumps(IMAGE | {"prompt": "nul \0"}).encode(), 400, "invalid_request"),
        (json.dumps(IMAGE | {"prompt": "x" * 300_000}).encode(), 413, "body_too_large"),
        (json.dumps(IMAGE | {"modelId": "no-such-model"}).encode(), 422, "unknown_model"),
        (json.dumps(IMAGE | {"mediaType": "audio"}).encode(), 422, "unknown_model"),
    ],
    ids=["cut", "empty", "list", "text", "not-utf8", "deep", "very-deep", "nul", "large", "unknown", "wrong-type"],
)
def test_a_body_that_is_no_request_is_refused(platform: Platform, body: bytes, status: int, code: str) -> None:
    problem(platform.client.post("/generate-media", body), status, code)


def test_a_body_of_another_type_is_refused(platform: Platform) -> None:
    response = platform.client.post(
        "/generate-media", b"prompt=x", {"content-type": "application/x-www-form-urlencoded"}
    )
    problem(response, 415, "unsupported_content_type")


def test_every_wrong_field_is_named_with_what_is_allowed(platform: Platform) -> None:
    body = {"mediaType": "hologram", "params": [], "colour": "blue"}
    document = problem(platform.client.post("/generate-media", body), 422, "invalid_fields")
    errors = {error["path"]: error for error in document["errors"]}
    assert set(errors) == {"mediaType", "modelId", "params", "colour"}
    assert errors["mediaType"]["allowed"] == ["video", "image", "audio"]
    assert errors["modelId"]["code"] == "required"


def test_every_wrong_param_is_named_with_what_is_allowed(platform: Platform) -> None:
    params = {"prompt": "a lighthouse", "num_outputs": 99, "aspect_ratio": "square", "colour": "blue"}
    body = {"mediaType": "image", "modelId": "flux-schnell", "params": params}
    document = problem(platform.client.post("/generate-media", body), 422, "invalid_fields")
    errors = {error["path"]: error for error in document["errors"]}
    assert set(errors) == {"params.num_outputs", "params.aspect_ratio", "params.colour"}
    assert "16:9" in errors["params.aspect_ratio"]["allowed"]
    assert "num_outputs" in errors["params.colour"]["allowed"]


def test_a_refused_request_costs_nothing_at_replicate(platform: Platform) -> None:
    before = platform.control("GET", "predictions")["created"]
    platform.client.post("/generate-media", IMAGE | {"modelId": "no-such-model"})
    assert platform.control("GET", "predictions")["created"] == before


def test_params_that_only_the_model_refuses_are_also_named(platform: Platform) -> None:
    body = IMAGE | {"prompt": "[[fault:422 field=input.prompt]]"}
    document = problem(platform.client.post("/generate-media", body), 422, "invalid_fields")
    assert [error["path"] for error in document["errors"]] == ["params.prompt"]
    assert platform.status(document["jobId"])["status"] == "failed"


@pytest.mark.parametrize("job_id", ["x", "123", "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "%00", "a" * 500])
def test_a_malformed_job_id_is_400(platform: Platform, job_id: str) -> None:
    problem(platform.client.get(f"/status/{job_id}"), 400, "invalid_job_id")


def test_an_unknown_job_is_404(platform: Platform) -> None:
    problem(platform.client.get("/status/01950000-0000-7000-8000-000000000000"), 404, "job_not_found")


def test_another_users_job_is_404_like_an_unknown_one(platform: Platform, another_user: ApiClient) -> None:
    document = platform.generate(IMAGE)
    refused = problem(another_user.get(f"/status/{document['jobId']}"), 404, "job_not_found")
    unknown = another_user.get("/status/01950000-0000-7000-8000-000000000000").json()
    assert refused == unknown


def test_an_account_problem_is_the_operators_and_the_client_sees_a_queued_job(platform: Platform) -> None:
    job_id = platform.start(IMAGE | {"prompt": "[[fault:402 times=1]]"})
    document = platform.status(job_id)
    assert document["status"] == "queued" and document["error"] is None
    [line] = [line for line in platform.log("generate_media") if line.get("jobId") == job_id and line.get("error")]
    assert line["ProviderAccountProblem"] == 1 and line["level"] == "ERROR"
    assert platform.client.post(f"/jobs/{job_id}/cancel", b"").status == 200
