"""With a state folder, a restarted simulator continues with its old state, however it stopped."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import urllib3

from contract.simulator_client import IMAGE, SimulatorClient
from contract.test_replicate_simulator_process import run, started, wait_until
from contract.webhook_receiver import Receiver
from replicate_simulator.server import running_simulator

pytestmark = pytest.mark.slow

COMPLETED: dict[str, Any] = {"webhook_events_filter": ["completed"]}
TOKEN = {"Authorization": "Bearer r8_mine"}


@contextmanager
def life(state: Path, **settings: Any) -> Iterator[SimulatorClient]:
    """Run a simulator with this state; at the end it stops abruptly, as if it had been killed."""
    with running_simulator(
        **{"seconds_per_prediction": 0.1, "webhook_retry_seconds": 0.5, **settings, "state": state}
    ) as one:
        client = SimulatorClient(one)
        yield client
        client.close()


def listed(client: SimulatorClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.json("GET", "/v1/predictions")["results"]
    return [{**item, "urls": None, "output": None} for item in found]


def test_predictions_their_order_and_what_is_billed_are_the_same(tmp_path: Path) -> None:
    with life(tmp_path) as client:
        for job, fault in (("one", "output-null"), ("one", "failed"), ("two", "canceled"), ("three", "long-logs")):
            client.finished(f"[[fault:{fault}]] [[fault:webhook-missing]]", webhook=f"http://localhost/?jobId={job}")
        before, billed = listed(client), client.json("GET", "/control/predictions")
    with life(tmp_path) as client:
        assert listed(client) == before
        assert client.json("GET", "/control/predictions") == billed
        assert client.create()["id"] == listed(client)[0]["id"]  # the newest comes first
    assert billed["jobs"]["one"] == {"created": 2, "billable": 1, "dollars": "0.000000"}
    assert billed["dollars"] == "0.006000"


def test_files_are_still_there_also_after_a_second_restart(tmp_path: Path) -> None:
    with life(tmp_path) as client:
        made = client.finished()
        path = made["output"][0].removeprefix(client.simulator.url)
        bytes_before = client.call("GET", path).data
    for _ in range(2):
        with life(tmp_path) as client:
            assert client.call("GET", path).data == bytes_before


def test_running_predictions_resume_with_their_faults(tmp_path: Path) -> None:
    with life(tmp_path) as client:
        running = client.create("[[fault:takes seconds=1]] [[fault:output-null]]")
        client.wait(running["id"], "processing")
        lasting = client.create("[[fault:never-finishes]]")
        client.wait(lasting["id"], "processing")
    with life(tmp_path) as client:
        assert client.wait(running["id"])["output"] is None
        assert client.get(lasting["id"])["status"] == "processing"
        client.json("POST", f"/v1/predictions/{lasting['id']}/cancel")
    with life(tmp_path) as client:
        assert client.get(lasting["id"])["status"] == "canceled"


def test_a_deadline_passes_while_the_simulator_is_down(tmp_path: Path) -> None:
    body = {"version": IMAGE, "input": {"prompt": "[[fault:never-finishes]]"}}
    with life(tmp_path, minimum_cancel_after_seconds=1) as client:
        created = client.call("POST", "/v1/predictions", body, {"Cancel-After": "1s"}).json()
    with life(tmp_path) as client:
        assert client.wait(created["id"])["deadline"] == created["deadline"]
        assert client.get(created["id"])["status"] in ("canceled", "aborted")


def test_an_unaccepted_final_webhook_is_resent_under_its_id(tmp_path: Path, receiver: Receiver) -> None:
    receiver.answers = [500]
    with life(tmp_path, webhook_retry_seconds=600) as client:
        client.finished(webhook=receiver.url(), **COMPLETED)
        receiver.wait_for_count(1)
        wait_until(lambda: client.json("GET", "/control/webhooks")["deliveries"] != [])
    with life(tmp_path) as client:
        first, second = receiver.wait_for_count(2)
        assert first.headers["webhook-id"] == second.headers["webhook-id"]
        assert (first.prediction["id"], first.prediction["status"]) == (second.prediction["id"], "succeeded")
        wait_until(lambda: len(client.json("GET", "/control/webhooks")["deliveries"]) == 2)


def test_accepted_and_exhausted_webhooks_are_not_resent(tmp_path: Path, receiver: Receiver) -> None:
    with life(tmp_path) as client:
        client.finished(webhook=receiver.url(), **COMPLETED)
        receiver.wait_for_count(1)
        receiver.answers = [500] * 6
        client.finished(webhook=receiver.url(), **COMPLETED)
        receiver.wait_for_count(7)
        wait_until(lambda: len(client.json("GET", "/control/webhooks")["deliveries"]) == 7)
    with life(tmp_path) as client:
        client.finished(webhook=receiver.url("/last"), **COMPLETED)
        receiver.wait_for(lambda received: received[-1].path == "/last")
        assert len(receiver.received) == 8


def test_a_reset_is_for_good_and_a_torn_last_line_is_forgotten(tmp_path: Path) -> None:
    with life(tmp_path) as client:
        client.finished()
        client.json("POST", "/control/reset")
        kept = client.finished()["id"]
    with (tmp_path / "journal.jsonl").open("ab") as journal:
        journal.write(b'{"prediction": {"id": "torn')
    for count in (1, 2):
        with life(tmp_path) as client:
            assert [item["id"] for item in listed(client)][-1] == kept
            assert len(listed(client)) == count
            client.finished()


def test_the_data_of_terminal_predictions_can_be_removed_for_good(tmp_path: Path) -> None:
    with life(tmp_path) as client:
        made = client.finished()
        running = client.create("[[fault:takes seconds=1]]")
        assert client.json("POST", "/control/remove-data") == {"removed": 1}
        assert client.json("POST", "/control/remove-data") == {"removed": 0}
        assert client.call("GET", made["output"][0]).status == 404
        assert client.call("GET", client.wait(running["id"])["output"][0]).status == 200
    with life(tmp_path) as client:
        seen = client.get(made["id"])
        assert (seen["data_removed"], seen["output"], seen["status"]) == (True, None, "succeeded")


def test_a_deleted_resource_does_not_return_with_a_new_one(tmp_path: Path) -> None:
    with life(tmp_path) as client:
        before = client.finished()
        client.json("POST", "/control/remove-data")
        after = client.finished()
        assert client.call("GET", after["output"][0]).status == 200
        prediction = client.simulator.simulator.store.get(before["id"])
        assert prediction is not None
        prediction.data_removed = False  # only the files remain
        assert client.call("GET", before["output"][0]).status == 404


def test_a_file_deleted_from_the_disk_is_not_found(tmp_path: Path) -> None:
    with life(tmp_path) as client:
        made = client.finished()
        for path in (tmp_path / "media").iterdir():
            path.unlink()
        assert client.call("GET", made["output"][0]).status == 404


def test_nothing_fails_while_the_disk_is_emptied(tmp_path: Path) -> None:
    with life(tmp_path, seconds_per_prediction=0) as client:
        running = [client.create(f"picture {number}")["id"] for number in range(20)]
        ended: list[str] = []
        while len(ended) < len(running):
            client.json("POST", "/control/remove-data")
            ended = [item["status"] for item in listed(client) if item.get("completed_at")]
        assert set(ended) == {"succeeded"}


def test_a_killed_program_resumes_where_it_was(tmp_path: Path) -> None:
    options = ("--api-token", "r8_mine", "--state", str(tmp_path), "--seconds-per-prediction", "0.5")
    body = {"version": IMAGE, "input": {"prompt": "a boat"}}
    with started(*options) as (process, url):
        created = urllib3.request("POST", f"{url}/v1/predictions", json=body, headers=TOKEN).json()
        process.send_signal(signal.SIGKILL)
        process.wait(20)
    with started(*options) as (_, url):
        path = f"{url}/v1/predictions/{created['id']}"
        wait_until(lambda: urllib3.request("GET", path, headers=TOKEN).json()["status"] == "succeeded")
        report = urllib3.request("GET", f"{url}/control/predictions").json()
        assert (report["created"], report["billable"]) == (1, 1)


@pytest.mark.parametrize("name", ["file", "file/below"])
def test_a_state_folder_that_cannot_be_is_one_clear_line(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    done = run("--state", str(tmp_path / name))
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "state folder" in done.stderr
