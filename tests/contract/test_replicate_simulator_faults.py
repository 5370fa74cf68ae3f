"""A marker in the prompt causes each fault as its name says; README and table list every fault."""

import base64
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import urllib3

import replicate_simulator
from contract.simulator_client import IMAGE, VIDEO, SimulatorClient
from replicate_simulator.fault_names import ANSWERS, ENDINGS, FAULTS, METADATA, OUTPUTS, SHORT_STATUSES, VIEWS

pytestmark = pytest.mark.slow

MODEL_ROUTE = f"/v1/models/{IMAGE}/predictions"
Broken = urllib3.exceptions.HTTPError


def body_with(fault: str) -> dict[str, Any]:
    return {"input": {"prompt": f"a boat [[fault:{fault}]]"}}


REFUSALS: dict[str, dict[str, Any]] = {
    "401": {"title": "Unauthenticated", "status": 401},
    "402": {"title": "Insufficient credit", "status": 402},
    "404": {"detail": "The requested resource could not be found.", "status": 404},
    "422": {"title": "Input validation failed", "status": 422},
    "429 retry_after=7": {"status": 429, "retry_after": 7},
    "500": {"status": 500},
    "502": {"status": 502},
    "503": {"status": 503},
    'status status=418 detail="no coffee" title=Teapot': {
        "title": "Teapot",
        "detail": "no coffee",
        "status": 418,
    },
}


@pytest.mark.parametrize("fault", REFUSALS)
def test_a_create_can_be_refused(client: SimulatorClient, fault: str) -> None:
    answer = client.call("POST", MODEL_ROUTE, body_with(fault))
    document = answer.json()
    assert answer.status == document["status"]
    assert {key: document[key] for key in REFUSALS[fault]} == REFUSALS[fault]
    assert client.json("GET", "/control/predictions")["created"] == 0


def test_an_invalid_field_can_be_chosen(client: SimulatorClient) -> None:
    fault = '422 field=input.seed type=invalid_type description="Invalid type. Expected: integer, given: null"'
    assert client.call("POST", MODEL_ROUTE, body_with(fault)).json()["invalid_fields"] == [
        {
            "type": "invalid_type",
            "field": "input.seed",
            "description": "Invalid type. Expected: integer, given: null",
        }
    ]


def test_the_seconds_of_a_429_may_also_be_in_a_header(client: SimulatorClient) -> None:
    assert "Retry-After" not in client.call("POST", MODEL_ROUTE, body_with("429")).headers
    answer = client.call("POST", MODEL_ROUTE, body_with("429 header=true retry_after=3"))
    assert answer.headers["Retry-After"] == "3"


def test_a_refusal_may_be_a_web_page(client: SimulatorClient) -> None:
    answer = client.call("POST", MODEL_ROUTE, body_with("502 html=true"))
    assert (answer.status, answer.headers["Content-Type"]) == (502, "text/html")


@pytest.mark.parametrize(("fault", "created"), [("cut-before-accept", 0), ("cut-after-accept", 1)])
def test_a_connection_can_be_cut_before_or_after_accepting(client: SimulatorClient, fault: str, created: int) -> None:
    with pytest.raises(Broken):
        client.call("POST", MODEL_ROUTE, body_with(fault))
    assert client.json("GET", "/control/predictions")["created"] == created


def test_a_slow_answer_comes_after_the_prediction_exists(client: SimulatorClient) -> None:
    impatient = urllib3.PoolManager(timeout=0.3, retries=False)
    headers = {"Authorization": "Bearer r8_simulator"}
    with pytest.raises(urllib3.exceptions.ReadTimeoutError):
        impatient.request(
            "POST",
            client.simulator.url + MODEL_ROUTE,
            json=body_with("slow seconds=30"),
            headers=headers,
        )
    impatient.clear()
    assert client.json("GET", "/control/predictions")["created"] == 1


def test_a_create_can_be_answered_202(client: SimulatorClient) -> None:
    answer = client.call("POST", MODEL_ROUTE, body_with("answer-202"))
    assert (answer.status, answer.json()["status"]) == (202, "starting")


def test_list_items_can_be_without_webhook_for_one_prompt(client: SimulatorClient) -> None:
    hook = {"webhook": "https://hooks.example.com/"}
    client.create("[[fault:webhook-missing]]", **hook)
    client.create("[[fault:webhook-missing]] [[fault:list-without-webhook]]", **hook)
    without, usual = client.json("GET", "/v1/predictions")["results"]
    assert ("webhook" in without, "webhook" in usual) == (False, True)


@pytest.mark.parametrize(
    ("on", "method", "path"),
    [
        ("get", "GET", "/v1/predictions/{id}"),
        ("cancel", "POST", "/v1/predictions/{id}/cancel"),
        ("list", "GET", "/v1/predictions"),
        ("model", "GET", f"/v1/models/{IMAGE}"),
        ("models", "GET", "/v1/models"),
        ("versions", "GET", f"/v1/models/{IMAGE}/versions"),
        ("secret", "GET", "/v1/webhooks/default/secret"),
        ("account", "GET", "/v1/account"),
        ("file", "GET", "/files/{id}/out-0.webp"),
    ],
)
def test_every_other_route_can_fail_a_number_of_times(client: SimulatorClient, on: str, method: str, path: str) -> None:
    path = path.format(id=client.finished()["id"])
    client.json("POST", "/control/faults", {"on": on, "fault": "503", "times": 2})
    assert [client.call(method, path).status for _ in range(3)] == [503, 503, 200]


Check = Callable[[dict[str, Any]], bool]
ENDS: dict[str, Check] = {
    "failed": lambda p: p["status"] == "failed" and "E1000" in p["error"],
    'failed error="out of ideas"': lambda p: p["error"] == "out of ideas",
    "nsfw": lambda p: p["status"] == "failed" and "NSFW" in p["error"],
    "out-of-memory": lambda p: p["status"] == "failed" and "E1001" in p["error"],
    "canceled": lambda p: p["status"] == "canceled" and "started_at" in p,
    "aborted": lambda p: p["status"] == "aborted" and "started_at" not in p,
    "takes seconds=0.5": lambda p: p["metrics"]["total_time"] >= 0.5,
    "long-logs kilobytes=200": lambda p: len(p["logs"]) >= 200 * 1024,
    "output-number value=7": lambda p: (p["status"], p["output"]) == ("succeeded", 7),
    "output-nested": lambda p: p["output"]["files"][0][0].endswith("out-0.webp"),
    "output-nulls": lambda p: (p["output"][0], p["output"][2], len(p["output"])) == (None, "", 3),
    "output-odd-values": lambda p: math.isnan(p["output"][1]) and p["output"][2:] == [math.inf, "\ud800", "\x00"],
    "output-null": lambda p: p["status"] == "succeeded" and p["output"] is None,
    "output-empty-list": lambda p: p["output"] == [],
    "output-empty-string": lambda p: p["output"] == "",
    "output-text text=hello": lambda p: p["output"] == "hello",
    "output-object": lambda p: p["output"]["image"].endswith("out-0.webp"),
    "output-object-list": lambda p: p["output"][0]["file"].endswith("out-0.webp"),
    "output-many": lambda p: [link[-6:] for link in p["output"]] == ["0.webp", "1.webp", "2.webp"],
    "output-foreign-host": lambda p: p["output"] == ["https://files.example.com/out-0.png"],
    "output-private-address": lambda p: p["output"] == [METADATA],
}


@pytest.mark.parametrize("fault", ENDS)
def test_a_prediction_can_reach_every_terminal_status(client: SimulatorClient, fault: str) -> None:
    done = client.finished(f"a boat [[fault:{fault}]]")
    assert ENDS[fault](done), done


@pytest.mark.parametrize(("fault", "stays"), [("never-starts", "starting"), ("never-finishes", "processing")])
def test_a_prediction_can_stay_as_it_is_until_it_is_canceled(client: SimulatorClient, fault: str, stays: str) -> None:
    created = client.create(f"[[fault:{fault}]]")
    ordinary = client.create("an ordinary prediction, which takes the usual time")
    client.wait(ordinary["id"])
    client.wait(created["id"], stays)
    assert client.json("POST", f"/v1/predictions/{created['id']}/cancel")["status"] == "canceled"


def test_a_data_uri_holds_the_file(client: SimulatorClient) -> None:
    (link,) = client.finished("a boat [[fault:output-data-uri]]")["output"]
    kind, encoded = link.split(",")
    assert kind == "data:image/webp;base64"
    assert base64.b64decode(encoded).startswith(b"RIFF")


FILES: dict[str, Callable[[urllib3.BaseHTTPResponse], bool]] = {
    "output-redirect-private": lambda f: (f.status, f.headers["Location"]) == (302, METADATA),
    "output-redirect-foreign": lambda f: f.headers["Location"].startswith("https://files.example.com/"),
    "output-redirect-loop": lambda f: f.status == 302 and f.headers["Location"].endswith("/out-0.webp"),
    "output-gone": lambda f: f.status == 404,
    "output-octet-stream": lambda f: (
        f.headers["Content-Type"] == "application/octet-stream" and f.data.startswith(b"RIFF")
    ),
    "output-octet-stream type=text/plain": lambda f: f.headers["Content-Type"] == "text/plain",
    "output-html": lambda f: f.data.startswith(b"<!doctype html>") and "html" in f.headers["Content-Type"],
    "output-empty": lambda f: (f.status, f.data) == (200, b""),
    "output-truncated": lambda f: len(f.data) == int.from_bytes(f.data[4:8], "little") // 2 + 4,
    "output-blob megabytes=1": lambda f: f.headers["Content-Length"] == str(len(f.data)) == str(2**20),
    "output-blob megabytes=1 length=chunked": lambda f: "Content-Length" not in f.headers and len(f.data) == 2**20,
    "output-blob megabytes=1 length=close": lambda f: (
        f.headers["Connection"] == "close" and "Content-Length" not in f.headers and len(f.data) == 2**20
    ),
    "output-blob megabytes=1 length=short": lambda f: f.headers["Content-Length"] == str(2**19),
}


@pytest.mark.parametrize("fault", FILES)
def test_a_file_can_be_wrong_in_many_ways(client: SimulatorClient, fault: str) -> None:
    (link,) = client.finished(f"a boat [[fault:{fault}]]")["output"]
    file = client.call("GET", link)
    assert FILES[fault](file), (file.status, dict(file.headers), file.data[:100])


@pytest.mark.parametrize("fault", ["output-cut", "output-blob megabytes=1 length=long"])
def test_a_file_can_end_before_its_declared_length(client: SimulatorClient, fault: str) -> None:
    (link,) = client.finished(f"a boat [[fault:{fault}]]")["output"]
    with pytest.raises(Broken, match="IncompleteRead"):
        client.call("GET", link)


def test_a_file_can_be_slow(client: SimulatorClient) -> None:
    slow = client.finished("a boat [[fault:output-slow seconds=600]]", VIDEO)["output"]
    with pytest.raises(urllib3.exceptions.ReadTimeoutError):
        client.stream(slow, timeout=0.3).read()
    less_slow = client.finished("a boat [[fault:output-slow seconds=0.2]]", VIDEO)["output"]
    assert client.call("GET", less_slow).status == 200


def test_faults_can_be_combined(client: SimulatorClient) -> None:
    prompt = "a boat [[fault:cut-after-accept]] [[fault:takes seconds=0]] [[fault:output-octet-stream]]"
    with pytest.raises(Broken):
        client.create(prompt)
    (made,) = client.json("GET", "/control/predictions")["predictions"]
    assert made["faults"] == ["output-octet-stream", "takes"]
    assert client.wait(made["id"])["status"] == "succeeded"


def names(*tables: dict[str, Any]) -> set[str]:
    return {fault.split()[0] for table in tables for fault in table}


def test_every_fault_of_answers_completions_and_outputs_is_tested_above() -> None:
    tried_alone = {"slow", "answer-202", "cut-before-accept", "cut-after-accept", "list-without-webhook"}
    tried_alone |= {"other-account", "list-malformed", *VIEWS}  # covered by test_replicate_simulator_wrong_answers.py
    tried_alone |= {"never-starts", "never-finishes", "output-data-uri", "output-cut", "output-slow"}
    tried = names(REFUSALS, ENDS, FILES) | tried_alone
    assert tried == {*ANSWERS, *ENDINGS, *VIEWS, *OUTPUTS, *SHORT_STATUSES}


def test_the_readme_lists_every_fault_and_option() -> None:
    (folder,) = replicate_simulator.__path__
    readme = (Path(folder) / "README.md").read_text()
    rows = [line.split("|") for line in readme.splitlines() if line.startswith("| `")]
    listed = {row[1].strip(" `"): {word.strip(" `") for word in row[2].split(",")} for row in rows}
    assert listed == {name: set(fault.options) or {""} for name, fault in FAULTS.items()}
