"""Wrong answers of the simulator: what it does not show, forgets, or tells as another account would."""

from contract.simulator_client import SimulatorClient


def test_another_account_has_a_name_and_an_empty_list_of_its_own(client: SimulatorClient) -> None:
    made = client.finished()["id"]
    for route in ("account", "list", "get"):
        client.json("POST", "/control/faults", {"on": route, "fault": "other-account", "times": 1})
    assert client.json("GET", "/v1/account")["username"] == "another-account"
    assert client.json("GET", "/v1/predictions") == {"next": None, "previous": None, "results": []}
    assert client.call("GET", f"/v1/predictions/{made}").status == 404
    assert client.json("GET", "/v1/account")["username"] == "simulator"
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
