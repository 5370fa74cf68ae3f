"""The simulator charges by the unit, and the seed's flat prices match the default parameters."""

from decimal import Decimal

import pytest

from contract.default_catalogue import default_models
from contract.simulator_client import AUDIO, FILM, IMAGE, VIDEO, SimulatorClient

pytestmark = pytest.mark.slow

JOB = "https://hooks.example.com/?jobId="
QUIET = "[[fault:webhook-missing]]"


def dollars(client: SimulatorClient, job: str) -> object:
    return Decimal(client.json("GET", "/control/predictions")["jobs"][job]["dollars"])


@pytest.mark.parametrize(
    ("model", "price"), [(entry["version"], Decimal(str(entry["pricing"]))) for entry in default_models()]
)
def test_a_run_with_default_parameters_costs_the_seeds_price(
    client: SimulatorClient, model: str, price: Decimal
) -> None:
    client.finished(QUIET, model, webhook=JOB + "one")
    assert dollars(client, "one") == price > 0


def test_images_are_charged_one_by_one(client: SimulatorClient) -> None:
    done = client.finished(QUIET, input={"num_outputs": 4}, webhook=JOB + "four")
    assert (done["metrics"]["image_output_count"], dollars(client, "four")) == (4, Decimal("0.012"))


@pytest.mark.parametrize(
    ("model", "given", "seconds", "price"),
    [
        (AUDIO, {"duration": 30}, 160, "0.224"),
        (AUDIO, {"duration": 1}, 15, "0.021"),
        (VIDEO, {"video_length": "25_frames_with_svd_xt"}, 60, "0.084"),
    ],
)
def test_runs_are_charged_by_the_seconds_in_their_metrics(
    client: SimulatorClient, model: str, given: dict[str, object], seconds: float, price: str
) -> None:
    done = client.finished(QUIET, model, input=given, webhook=JOB + "long")
    assert (done["metrics"]["predict_time"], dollars(client, "long")) == (seconds, Decimal(price))


@pytest.mark.parametrize(
    ("given", "seconds", "price"),
    [({}, 8, "3.2"), ({"duration": 4}, 4, "1.6"), ({"duration": 6, "generate_audio": False}, 6, "1.2")],
)
def test_a_film_is_charged_by_its_seconds_and_for_its_sound(
    client: SimulatorClient, given: dict[str, object], seconds: int, price: str
) -> None:
    metrics = client.finished(QUIET, FILM, input=given, webhook=JOB + "film")["metrics"]
    assert metrics["video_output_duration_seconds"] == seconds
    assert (metrics["with_audio"], metrics["resolution_target"]) == (given.get("generate_audio", True), "1080p")
    assert dollars(client, "film") == Decimal(price)


def test_a_canceled_film_is_charged_as_a_whole(client: SimulatorClient) -> None:
    client.finished(f"{QUIET} [[fault:canceled]]", FILM, input={"duration": 4}, webhook=JOB + "film")
    assert dollars(client, "film") == Decimal("1.6")


@pytest.mark.parametrize("fault", ["failed", "nsfw", "aborted"])
def test_failed_and_aborted_runs_are_free(client: SimulatorClient, fault: str) -> None:
    client.finished(f"{QUIET} [[fault:{fault}]]", AUDIO, webhook=JOB + "free")
    assert dollars(client, "free") == 0


def test_a_success_without_an_image_is_free_and_one_with_a_lost_file_is_not(client: SimulatorClient) -> None:
    client.finished(f"{QUIET} [[fault:output-null]]", webhook=JOB + "none")
    client.finished(f"{QUIET} [[fault:output-gone]]", webhook=JOB + "gone")
    assert (dollars(client, "none"), dollars(client, "gone")) == (0, Decimal("0.003"))


def test_a_canceled_run_is_charged_for_its_images_or_for_the_seconds_it_used(client: SimulatorClient) -> None:
    client.finished(f"{QUIET} [[fault:canceled]]", input={"num_outputs": 2}, webhook=JOB + "images")
    waiting = client.create(f"{QUIET} [[fault:never-starts]]", AUDIO, webhook=JOB + "waiting")
    client.json("POST", f"/v1/predictions/{waiting['id']}/cancel")
    running = client.create(f"{QUIET} [[fault:takes seconds=600]]", AUDIO, webhook=JOB + "running")
    client.simulator.simulator.store.get(running["id"]).begin()  # type: ignore[union-attr]
    canceled = client.json("POST", f"/v1/predictions/{running['id']}/cancel")
    assert dollars(client, "images") == Decimal("0.006")
    assert dollars(client, "waiting") == 0
    assert dollars(client, "running") == Decimal(str(canceled["metrics"]["predict_time"])) * Decimal("0.0014")


def test_a_running_prediction_is_not_charged_yet(client: SimulatorClient) -> None:
    client.create(f"{QUIET} [[fault:never-finishes]]", IMAGE, webhook=JOB + "running")
    assert dollars(client, "running") == 0


def test_the_total_is_the_sum_over_all_predictions(client: SimulatorClient) -> None:
    client.finished(QUIET, webhook=JOB + "one")
    client.finished(QUIET, AUDIO)
    report = client.json("GET", "/control/predictions")
    assert (report["dollars"], report["jobs"]["one"]["dollars"]) == ("0.073000", "0.003000")
    assert sorted(each["dollars"] for each in report["predictions"]) == ["0.003000", "0.070000"]
