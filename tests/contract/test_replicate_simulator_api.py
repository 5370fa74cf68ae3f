"""The simulator is as strict as the documented API, and its errors have the documented wording."""

import re
from datetime import datetime
from typing import Any

import pytest

from common.media import PICTURE
from contract.simulator_client import AUDIO, FILM, IMAGE, VIDEO, SimulatorClient
from replicate_simulator.server import running_simulator

MODEL_ROUTE = f"/v1/models/{IMAGE}/predictions"


def test_a_new_prediction_has_the_documented_fields(client: SimulatorClient) -> None:
    answer = client.call("POST", MODEL_ROUTE, {"input": {"prompt": "a boat"}})
    created = answer.json()
    assert answer.status == 201
    assert re.fullmatch("[0-9a-z]{26}", created.pop("id"))
    assert datetime.fromisoformat(created.pop("created_at")).utcoffset() is not None
    assert set(created.pop("urls")) == {"get", "cancel", "web"}
    assert created == {
        "model": IMAGE,
        "version": "hidden",
        "input": {"prompt": "a boat"},
        "logs": "",
        "output": None,
        "data_removed": False,
        "error": None,
        "source": "api",
        "status": "starting",
    }


def test_a_finished_prediction_has_times_metrics_and_progress_in_its_logs(client: SimulatorClient) -> None:
    done = client.finished(input={"num_outputs": 3, "seed": 7})
    created, started, completed = (
        datetime.fromisoformat(done[key]) for key in ("created_at", "started_at", "completed_at")
    )
    assert created < started < completed
    assert done["metrics"]["image_count"] == 3
    assert 0 < done["metrics"]["predict_time"] <= done["metrics"]["total_time"]
    assert "Using seed: 7\n" in done["logs"]
    assert "\n 50%|█████     | 5/10 [" in done["logs"]


def test_the_webhook_is_echoed(client: SimulatorClient) -> None:
    where: dict[str, Any] = {
        "webhook": "https://hooks.example.com/?jobId=1",
        "webhook_events_filter": ["start", "completed"],
    }
    created = client.create("a boat [[fault:webhook-missing]]", **where)
    assert {key: created[key] for key in where} == where


def test_success_carries_the_rate_limit_headers(client: SimulatorClient) -> None:
    created = client.call("POST", MODEL_ROUTE, {"input": {"prompt": "a boat"}})
    read = client.call("GET", "/v1/account")
    assert (created.headers["ratelimit-remaining"], read.headers["ratelimit-remaining"]) == ("599", "2999")


@pytest.mark.parametrize("header", ["", "Token r8_simulator", "Bearer wrong", "Bearer"])
def test_every_route_of_the_api_wants_the_token(client: SimulatorClient, header: str) -> None:
    for method, path in (("POST", "/v1/predictions"), ("GET", "/v1/models"), ("GET", "/v1/none")):
        answer = client.call(method, path, headers={"Authorization": header})
        assert answer.status == 401
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["title"] == "Unauthenticated"


INVALID_BODIES: list[tuple[Any, list[tuple[str, str]]]] = [
    ({}, [("required", "")]),
    ({"input": {}, "metadata": {}}, [("additional_property_not_allowed", "")]),
    ({"input": {}, "webhook_completed": "https://a.example"}, [("additional_property_not_allowed", "")]),
    ({"input": []}, [("invalid_type", "input")]),
    ([], [("invalid_type", "")]),
    ({"input": {}, "webhook_events_filter": ["done"]}, [("enum", "webhook_events_filter.0")]),
    ({"input": {}}, [("required", "input")]),
    ({"input": {"prompt": "x", "output_format": "gif"}}, [("enum", "input.output_format")]),
    ({"input": {"prompt": "x", "style": "oil"}}, [("additional_property_not_allowed", "input")]),
    ({"input": {"prompt": "x", "num_outputs": 5}}, [("number_lte", "input.num_outputs")]),
    ({"input": {"prompt": "x", "num_outputs": 0}}, [("number_gte", "input.num_outputs")]),
    ({"input": {"prompt": "x", "num_outputs": True}}, [("invalid_type", "input.num_outputs")]),
    ({"input": {"prompt": "x", "seed": 1.5}}, [("invalid_type", "input.seed")]),
    (
        {"input": {"prompt": 1, "aspect_ratio": "7:1"}},
        [("invalid_type", "input.prompt"), ("enum", "input.aspect_ratio")],
    ),
    ({"input": {"prompt": None}}, [("invalid_type", "input.prompt")]),
    ({"input": {"prompt": "x"}, "webhook": "http://hooks.example.com"}, [("format", "webhook")]),
    ({"input": {"prompt": "x"}, "webhook": "nonsense"}, [("format", "webhook")]),
]


@pytest.mark.parametrize(("body", "expected"), INVALID_BODIES)
def test_a_wrong_body_is_refused_field_by_field(
    client: SimulatorClient, body: object, expected: list[tuple[str, str]]
) -> None:
    answer = client.call("POST", MODEL_ROUTE, body)
    document = answer.json()
    assert (answer.status, document["title"]) == (422, "Input validation failed")
    assert [(entry["type"], entry["field"]) for entry in document["invalid_fields"]] == expected
    assert client.json("GET", "/control/predictions")["created"] == 0


def test_the_words_of_a_refusal_are_the_recorded_ones(client: SimulatorClient) -> None:
    body = {"input": {"num_inference_steps": 5, "output_format": "gif"}}
    assert client.call("POST", MODEL_ROUTE, body).json() == {
        "title": "Input validation failed",
        "detail": "- input: prompt is required\n"
        "- input.num_inference_steps: Must be less than or equal to 4\n"
        '- input.output_format: output_format must be one of the following: "webp", "jpg", "png"\n',
        "status": 422,
        "invalid_fields": [
            {"type": "required", "field": "input", "description": "prompt is required"},
            {
                "type": "number_lte",
                "field": "input.num_inference_steps",
                "description": "Must be less than or equal to 4",
            },
            {
                "type": "enum",
                "field": "input.output_format",
                "description": 'output_format must be one of the following: "webp", "jpg", "png"',
            },
        ],
    }


@pytest.mark.parametrize(
    ("given", "kind", "field"),
    [
        ({}, "required", "input"),
        ({"input_image": PICTURE, "prompt": "a boat"}, "additional_property_not_allowed", "input"),
        ({"input_image": PICTURE, "fps": 24}, "additional_property_not_allowed", "input"),
        ({"input_image": PICTURE, "num_frames": 8}, "additional_property_not_allowed", "input"),
        ({"input_image": PICTURE, "frames_per_second": 4}, "number_gte", "input.frames_per_second"),
        ({"input_image": ""}, "format", "input.input_image"),
        ({"input_image": "boat.png"}, "format", "input.input_image"),
        ({"input_image": "http://[::1/boat.png"}, "format", "input.input_image"),
    ],
)
def test_the_video_model_takes_an_image_and_only_its_real_inputs(
    client: SimulatorClient, given: dict[str, object], kind: str, field: str
) -> None:
    answer = client.call("POST", "/v1/predictions", {"version": client.version_of(VIDEO), "input": given})
    assert [(entry["type"], entry["field"]) for entry in answer.json()["invalid_fields"]] == [(kind, field)]


@pytest.mark.parametrize(
    ("given", "kind", "field"),
    [
        ({"duration": 5}, "enum", "input.duration"),
        ({"duration": "8"}, "invalid_type", "input.duration"),
        ({"reference_images": ["boat.png"]}, "format", "input.reference_images.0"),
        ({"reference_images": PICTURE}, "invalid_type", "input.reference_images"),
    ],
)
def test_numbers_and_lists_of_an_input_are_checked(
    client: SimulatorClient, given: dict[str, object], kind: str, field: str
) -> None:
    answer = client.call("POST", f"/v1/models/{FILM}/predictions", {"input": {"prompt": "a boat"} | given})
    assert [(entry["type"], entry["field"]) for entry in answer.json()["invalid_fields"]] == [(kind, field)]


def test_a_nullable_input_may_be_null(client: SimulatorClient) -> None:
    assert client.finished(input={"seed": None})["status"] == "succeeded"


def test_unknown_inputs_are_ignored_if_so_configured() -> None:
    with running_simulator(seconds_per_prediction=0, ignore_unknown_inputs=True) as simulator:
        client = SimulatorClient(simulator)
        done = client.finished(input={"style": "oil"})
        schema = client.json("GET", f"/v1/models/{IMAGE}")["latest_version"]["openapi_schema"]["components"]["schemas"]
        wrong = client.call("POST", MODEL_ROUTE, {"input": {"style": "oil"}})
        client.close()
    assert (done["status"], done["input"]["style"]) == ("succeeded", "oil")
    assert "additionalProperties" not in schema["Input"]
    assert [entry["description"] for entry in wrong.json()["invalid_fields"]] == ["prompt is required"]


def test_a_body_that_is_not_json_is_refused(client: SimulatorClient) -> None:
    assert client.call("POST", MODEL_ROUTE, b"{").status == 400


def test_a_body_that_is_too_large_is_refused(client: SimulatorClient) -> None:
    assert client.call("POST", MODEL_ROUTE, headers={"Content-Length": str(2**30)}).status == 413


@pytest.mark.parametrize(
    "version",
    [VIDEO, AUDIO, "nobody/nothing", "0" * 64, f"{IMAGE}:{'0' * 64}", f"{IMAGE}:latest", "nonsense", ""],
)
def test_a_version_that_may_not_be_run_is_refused(client: SimulatorClient, version: str) -> None:
    answer = client.call("POST", "/v1/predictions", {"version": version, "input": {"prompt": "x"}})
    assert (answer.status, answer.json()["title"]) == (422, "Invalid version or not permitted")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", f"/v1/models/{VIDEO}/predictions"),
        ("POST", "/v1/models/nobody/nothing/predictions"),
        ("POST", "/v1/deployments/nobody/nothing/predictions"),
        ("GET", "/v1/predictions/0000000000000000000000000"),
        ("POST", "/v1/predictions/0000000000000000000000000/cancel"),
        ("GET", "/v1/models/nobody/nothing"),
        ("GET", "/v1/models/nobody/nothing/versions"),
        ("GET", f"/v1/models/{IMAGE}/versions/{'0' * 64}"),
        ("GET", "/v1/trainings"),
        ("GET", "/v1/files/0000000000000000000000000"),
        ("GET", "/v1/deployments/nobody/nothing"),
        ("GET", "/stream/0000000000000000000000000"),
        ("POST", "/control/predictions/0000000000000000000000000/webhook"),
    ],
)
def test_an_unknown_resource_is_404(client: SimulatorClient, method: str, path: str) -> None:
    answer = client.call(method, path, {"input": {"prompt": "x"}} if method == "POST" else None)
    assert (answer.status, answer.json()["status"]) == (404, 404)


def test_another_method_is_405(client: SimulatorClient) -> None:
    answer = client.call("DELETE", "/v1/predictions")
    assert (answer.status, answer.headers["Allow"]) == (405, "POST, GET")


def test_a_model_shows_whether_it_is_official_and_its_newest_version(client: SimulatorClient) -> None:
    official = {name: client.json("GET", f"/v1/models/{name}")["is_official"] for name in (IMAGE, VIDEO, AUDIO)}
    assert official == {IMAGE: True, VIDEO: False, AUDIO: False}
    assert re.fullmatch("[0-9a-f]{64}", client.version_of(VIDEO))
