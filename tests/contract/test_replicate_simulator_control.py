"""The simulator's control API sets faults and reports the recorded requests."""

from typing import Any

import pytest

from contract.simulator_client import AUDIO, IMAGE, SimulatorClient
from contract.webhook_receiver import Receiver
from replicate_simulator.server import running_simulator

MODEL_ROUTE = f"/v1/models/{IMAGE}/predictions"
BODY = {"input": {"prompt": "a boat"}}


def test_a_rule_acts_a_number_of_times(client: SimulatorClient) -> None:
    rule = {"on": "create", "fault": "status", "status": 429, "retry_after": 5, "times": 1}
    (listed,) = client.json("POST", "/control/faults", rule)["rules"]
    assert (listed["fault"], listed["times"]) == ("status", 1)
    answers = [client.call("POST", MODEL_ROUTE, BODY) for _ in range(2)]
    assert [answer.status for answer in answers] == [429, 201]
    assert answers[0].json()["retry_after"] == 5


def test_rules_without_times_act_until_they_are_removed(client: SimulatorClient) -> None:
    client.json("POST", "/control/faults", [{"fault": "402"}, {"fault": "503"}])
    assert [client.call("POST", MODEL_ROUTE, BODY).status for _ in range(3)] == [402, 402, 402]
    assert client.json("DELETE", "/control/faults")["rules"] == []
    assert client.call("POST", MODEL_ROUTE, BODY).status == 201


def test_a_rule_may_be_for_one_model_or_for_one_text(client: SimulatorClient) -> None:
    client.json("POST", "/control/faults", [{"fault": "output-null", "model": AUDIO}])
    client.json("POST", "/control/faults", [{"fault": "failed", "marker": "sunset"}])
    assert client.finished(model=AUDIO)["output"] is None
    assert client.finished("a sunset")["status"] == "failed"
    assert client.finished("a sunrise")["output"] is not None


def test_times_in_a_marker_count_per_job(client: SimulatorClient) -> None:
    body = {"input": {"prompt": "a boat [[fault:429 times=1]] [[fault:webhook-missing]]"}}
    jobs = ["one", "two", "one", "two"]
    hooks = [{"webhook": f"https://hooks.example.com/?jobId={job}"} for job in jobs]
    assert [client.call("POST", MODEL_ROUTE, body | hook).status for hook in hooks] == [429, 429, 201, 201]


@pytest.mark.parametrize(
    "rule",
    [
        {"fault": "nonsense"},
        {},
        {"fault": "slow", "minutes": 1},
        {"fault": "slow", "seconds": "long"},
        {"fault": "output-null", "on": "list"},
        {"fault": "429", "times": "twice"},
        {"fault": "output-blob", "length": "false"},
        "output-null",
        [{"fault": "402"}, {"fault": "nonsense"}],
    ],
)
def test_a_rule_that_is_not_understood_is_refused_whole(client: SimulatorClient, rule: Any) -> None:
    assert client.call("POST", "/control/faults", rule).status == 422
    assert client.json("GET", "/control/faults")["rules"] == []


def test_a_marker_that_is_not_understood_is_refused(client: SimulatorClient) -> None:
    answer = client.call("POST", MODEL_ROUTE, {"input": {"prompt": "[[fault:output-nul]]"}})
    assert (answer.status, answer.json()["title"]) == (422, "Unknown fault")


def test_the_known_faults_can_be_read(client: SimulatorClient) -> None:
    known = client.json("GET", "/control/faults")["known"]
    assert known["slow"]["options"] == {"seconds": 5.0}


def test_billed_predictions_are_counted_per_job(client: SimulatorClient) -> None:
    for job, fault in (("one", "output-null"), ("one", "canceled"), ("two", "failed"), ("three", "aborted")):
        prompt = f"[[fault:{fault}]] [[fault:webhook-missing]]"
        client.finished(prompt, webhook=f"https://hooks.example.com/?jobId={job}")
    client.finished()
    report = client.json("GET", "/control/predictions")
    assert (report["created"], report["billable"]) == (5, 3)
    assert report["jobs"] == {
        "one": {"created": 2, "billable": 2, "dollars": "0.003000"},
        "two": {"created": 1, "billable": 0, "dollars": "0.000000"},
        "three": {"created": 1, "billable": 0, "dollars": "0.000000"},
    }


def test_a_reset_removes_everything_and_stops_running_predictions(client: SimulatorClient, receiver: Receiver) -> None:
    created = client.create("[[fault:never-finishes]]", webhook=receiver.url())
    client.json("POST", "/control/faults", {"fault": "402"})
    receiver.wait_for_count(1)
    assert client.json("POST", "/control/reset")["created"] == 0
    assert client.call("GET", f"/v1/predictions/{created['id']}").status == 404
    client.finished(webhook=receiver.url("/?jobId=later"))
    receiver.wait_for_status("succeeded")
    ends = [r.prediction["status"] for r in receiver.received if r.prediction["id"] == created["id"]]
    assert set(ends) == {"processing"}


@pytest.mark.parametrize("tamper", [None, "body", "signature"])
def test_a_webhook_can_be_sent_again_by_hand(client: SimulatorClient, receiver: Receiver, tamper: str | None) -> None:
    done = client.finished(webhook=receiver.url(), webhook_events_filter=["completed"])
    first = receiver.wait_for_status("succeeded")
    request = {"tamper": tamper, "age_seconds": 600}
    assert client.json("POST", f"/control/predictions/{done['id']}/webhook", request) == {"status": 200}
    _, second = receiver.wait_for_count(2)
    assert second.headers["webhook-id"] == first.headers["webhook-id"]
    age = int(first.headers["webhook-timestamp"]) - int(second.headers["webhook-timestamp"])
    assert 590 <= age <= 600
    assert (second.body == first.body) is (tamper != "body")


def test_a_manual_webhook_needs_a_known_job_and_a_known_mode(client: SimulatorClient, receiver: Receiver) -> None:
    alone, heard = client.finished(), client.finished(webhook=receiver.url())
    assert client.call("POST", f"/control/predictions/{alone['id']}/webhook", {}).status == 409
    wrong = {"tamper": "everything"}
    assert client.call("POST", f"/control/predictions/{heard['id']}/webhook", wrong).status == 422


def test_a_simulator_in_the_same_process_can_be_controlled_directly() -> None:
    with running_simulator(seconds_per_prediction=0) as simulator:
        client = SimulatorClient(simulator)
        simulator.simulator.add_faults({"fault": "output-null", "times": 1})
        assert client.finished()["output"] is None
        assert simulator.simulator.report()["created"] == 1
        client.close()
