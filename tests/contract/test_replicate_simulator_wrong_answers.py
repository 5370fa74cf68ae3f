"""Wrong answers of the simulator: items it hides, predictions it forgets, and answers of another account."""

import math
from typing import Any

import pytest

from contract.simulator_client import IMAGE, SimulatorClient
from contract.webhook_receiver import Receiver
from replicate_simulator.webhooks import sign


def test_another_account_has_a_name_and_an_empty_list_of_its_own(client: SimulatorClient) -> None:
    made = client.finished()["id"]
    for route in ("account", "list", "get"):
        client.json("POST", "/control/faults", {"on": route, "fault": "other-account", "times": 1})
    assert client.json("GET", "/v1/account")["username"] == "another-account"
    assert client.json("GET", "/v1/predictions") == {"next": None, "previous": None, "results": []}
    assert client.call("GET", f"/v1/predictions/{made}").status == 404
    assert client.json("GET", "/v1/account")["username"] == "simulator"
    assert [each["id"] for each in client.json("GET", "/v1/predictions")["results"]] == [made]


def test_the_token_of_another_account_sees_and_changes_nothing_of_the_first(
    client: SimulatorClient, receiver: Receiver
) -> None:
    made = client.create("[[fault:never-finishes]]")["id"]
    other = {"Authorization": "Bearer r8_another_account"}

    def call(method: str, path: str, body: object = None) -> Any:
        return client.call(method, path, body, other).json()

    assert call("GET", "/v1/account")["username"] == "another-account"
    assert call("GET", "/v1/predictions") == {"next": None, "previous": None, "results": []}
    assert call("GET", f"/v1/predictions/{made}")["status"] == 404
    assert call("POST", f"/v1/predictions/{made}/cancel")["status"] == 404
    body = {"input": {"prompt": "a boat"}, "webhook": receiver.url()}
    own = call("POST", f"/v1/models/{IMAGE}/predictions", body)["id"]
    webhook, secret = receiver.wait_for_status("succeeded"), call("GET", "/v1/webhooks/default/secret")["key"]
    timestamp = int(webhook.headers["webhook-timestamp"])
    signed = sign(secret, webhook.headers["webhook-id"], timestamp, webhook.body)
    assert webhook.headers["webhook-signature"] == signed
    assert [each["id"] for each in call("GET", "/v1/predictions")["results"]] == [own]
    assert client.get(made)["status"] in ("starting", "processing")
    assert [each["id"] for each in client.json("GET", "/v1/predictions")["results"]] == [made]


def test_the_list_can_lag_behind(client: SimulatorClient) -> None:
    client.finished("a boat [[fault:list-lag seconds=600]]")
    at_once = client.finished("a boat [[fault:list-lag seconds=0]]")["id"]
    assert [each["id"] for each in client.json("GET", "/v1/predictions")["results"]] == [at_once]


def test_the_webhook_can_be_removed_with_the_data(client: SimulatorClient) -> None:
    hook = {"webhook": "https://example.com/hook?jobId=1"}
    made = [
        client.create(f"[[fault:webhook-missing]] {more}", **hook)["id"] for more in ("", "[[fault:webhook-removed]]")
    ]
    assert all("webhook" in client.wait(each) for each in made)
    client.json("POST", "/control/remove-data")
    assert ["webhook" in client.json("GET", f"/v1/predictions/{each}") for each in made] == [True, False]


def test_get_can_lag_behind(client: SimulatorClient) -> None:
    made = client.create("a boat [[fault:get-lag seconds=600]]")["id"]
    assert client.call("GET", f"/v1/predictions/{made}").status == 404
    assert [each["id"] for each in client.json("GET", "/v1/predictions")["results"]] == [made]
    assert client.finished("a boat [[fault:get-lag seconds=0]]")["status"] == "succeeded"


@pytest.mark.parametrize(
    ("fault", "by_get", "by_list"),
    [
        ("get-stale", "processing", "succeeded"),
        ("list-stale", "succeeded", "processing"),
        ("get-contradicts", "failed", "succeeded"),
        ("list-contradicts", "succeeded", "failed"),
        ("list-contradicts status=canceled", "succeeded", "canceled"),
        ("get-stale seconds=0", "succeeded", "succeeded"),
    ],
)
def test_get_the_list_and_the_webhook_can_contradict_each_other(
    client: SimulatorClient, receiver: Receiver, fault: str, by_get: str, by_list: str
) -> None:
    made = client.create(f"a boat [[fault:{fault}]]", webhook=receiver.url())["id"]
    assert receiver.wait_for_status("succeeded").prediction["output"]
    (listed,) = client.json("GET", "/v1/predictions")["results"]
    read = client.get(made)
    assert (read["status"], listed["status"]) == (by_get, by_list)
    for answer in (read, listed):
        assert (answer["output"] is not None) is (answer["status"] == "succeeded")
        assert ("completed_at" in answer) is (answer["status"] != "processing")
        assert (answer["error"] is not None) is (answer["status"] == "failed")


@pytest.mark.parametrize("without", ["id", "status", "created_at", None])
def test_a_list_item_can_be_malformed(client: SimulatorClient, without: str | None) -> None:
    option = "" if without is None else f" without={without}"
    made = [client.create(prompt)["id"] for prompt in ("a boat", f"a boat [[fault:list-malformed{option}]]")]
    wrong, right = client.json("GET", "/v1/predictions")["results"]
    assert right["id"] == made[0]
    assert wrong is None if without is None else without not in wrong


def test_every_free_field_can_hold_what_json_and_postgresql_reject(client: SimulatorClient) -> None:
    done = client.finished("a boat [[fault:odd-values]] [[fault:output-odd-values]]")
    assert math.isnan(done["input"]["odd\ud800"])
    assert math.isnan(done["metrics"]["predict_time"])
    assert (done["logs"], done["error"]) == ("\udfff\x00", "\ud800\x00")
    assert done["output"][2:] == [math.inf, "\ud800", "\x00"]
