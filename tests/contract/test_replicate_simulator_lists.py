"""Lists, cursors, deadlines and data removal work as documented."""

from datetime import datetime

import pytest

from contract.simulator_client import IMAGE, SimulatorClient
from replicate_simulator.server import running_simulator

MODEL_ROUTE = f"/v1/models/{IMAGE}/predictions"


def test_canceling_a_terminal_prediction_changes_nothing(client: SimulatorClient) -> None:
    done = client.finished()
    assert client.json("POST", f"/v1/predictions/{done['id']}/cancel") == done


def test_a_list_can_be_limited_to_a_time(client: SimulatorClient) -> None:
    first, second, third = (client.create(str(n)) for n in range(3))
    query = f"created_after={second['created_at']}&created_before={third['created_at']}"
    assert [p["id"] for p in client.json("GET", f"/v1/predictions?{query}")["results"]] == [second["id"]]
    plain = second["created_at"].replace("Z", "+00:00")  # the server reads the + as a space
    later = client.json("GET", f"/v1/predictions?created_after={plain}")["results"]
    assert [p["id"] for p in later] == [third["id"], second["id"]]
    assert first["id"] not in query


def test_the_cursors_keep_the_time_limits(client: SimulatorClient) -> None:
    created = [client.create(str(n)) for n in range(6)]
    page = client.json("GET", f"/v1/predictions?created_after={created[1]['created_at']}")
    rest = client.json("GET", page["next"])
    back = client.json("GET", rest["previous"])
    assert [p["id"] for p in rest["results"]] == [created[2]["id"], created[1]["id"]]
    assert [p["id"] for p in back["results"]] == [p["id"] for p in page["results"]]
    assert (rest["next"], back["previous"]) == (None, None)


@pytest.mark.parametrize(
    ("query", "status"),
    [("cursor=nonsense", 404), ("created_after=today", 400), ("created_before=2026-01-01", 400)],
)
def test_a_cursor_or_date_that_cannot_be_read_is_refused(client: SimulatorClient, query: str, status: int) -> None:
    assert client.call("GET", f"/v1/predictions?{query}").status == status


def test_a_page_has_a_hundred_items_by_default() -> None:
    with running_simulator(seconds_per_prediction=0) as simulator:
        client = SimulatorClient(simulator)
        for _ in range(101):
            client.create("[[fault:output-null]]")
        page = client.json("GET", "/v1/predictions")
        rest = client.json("GET", page["next"])
        client.close()
    assert (len(page["results"]), len(rest["results"])) == (100, 1)


def test_list_items_can_be_without_webhook() -> None:
    with running_simulator(list_without_webhook=True) as simulator:
        client = SimulatorClient(simulator)
        created = client.create("[[fault:webhook-missing]]", webhook="https://hooks.example.com/")
        (item,) = client.json("GET", "/v1/predictions")["results"]
        alone = client.get(created["id"])
        client.close()
    assert "webhook" not in item
    assert alone["webhook"] == "https://hooks.example.com/"


def test_data_is_removed_some_time_after_completion() -> None:
    with running_simulator(seconds_per_prediction=0, data_removed_seconds=0) as simulator:
        client = SimulatorClient(simulator)
        gone = client.finished()
        missing = client.call("GET", f"/files/{gone['id']}/out-0.webp")
        client.close()
    assert (gone["status"], gone["data_removed"], missing.status) == ("succeeded", True, 404)
    assert (gone["input"], gone["output"], gone["logs"]) == ({}, None, "")


def test_data_can_be_removed_by_hand(client: SimulatorClient) -> None:
    done = client.finished()
    assert done["data_removed"] is False
    removed = client.json("POST", f"/control/predictions/{done['id']}/remove-data")
    assert (removed["data_removed"], removed["output"]) == (True, None)
    assert client.call("GET", done["output"][0]).status == 404


@pytest.mark.parametrize(("fault", "status"), [("never-starts", "aborted"), ("never-finishes", "canceled")])
def test_a_deadline_ends_a_prediction(client: SimulatorClient, fault: str, status: str) -> None:
    body = {"input": {"prompt": f"[[fault:{fault}]]"}}
    created = client.call("POST", MODEL_ROUTE, body, {"Cancel-After": "1s"}).json()
    span = datetime.fromisoformat(created["deadline"]) - datetime.fromisoformat(created["created_at"])
    assert span.total_seconds() == 1
    assert client.wait(created["id"])["status"] == status


@pytest.mark.parametrize(
    ("header", "seconds"), [("30", 30), ("90s", 90), ("5m", 300), ("2h30m", 9000), ("1h30m45s", 5445)]
)
def test_a_deadline_is_read_in_every_documented_form(client: SimulatorClient, header: str, seconds: int) -> None:
    body = {"input": {"prompt": "x"}}
    created = client.call("POST", MODEL_ROUTE, body, {"Cancel-After": header}).json()
    span = datetime.fromisoformat(created["deadline"]) - datetime.fromisoformat(created["created_at"])
    assert span.total_seconds() == seconds


@pytest.mark.parametrize("header", ["0s", "4s", "soon", "", "-5s"])
def test_a_deadline_that_is_too_short_or_unreadable_is_refused(header: str) -> None:
    with running_simulator() as simulator:
        client = SimulatorClient(simulator)
        answer = client.call("POST", MODEL_ROUTE, {"input": {"prompt": "x"}}, {"Cancel-After": header})
        client.close()
    assert answer.status == 422
