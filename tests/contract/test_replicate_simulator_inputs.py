"""The simulator fetches the links of an input when a run starts; an unusable link fails the prediction."""

import base64
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from common.media import PICTURE
from contract.simulator_client import AUDIO, FILM, IMAGE, VIDEO, SimulatorClient
from replicate_simulator.server import running_simulator

getaddrinfo = socket.getaddrinfo


@pytest.fixture
def client() -> Iterator[SimulatorClient]:
    """Return a client of a simulator with short time-outs for inputs."""
    options: dict[str, Any] = {"input_seconds": 1, "largest_input_bytes": 100_000}
    with running_simulator(seconds_per_prediction=0, **options) as simulator:
        calls = SimulatorClient(simulator)
        yield calls
        calls.close()


def link(client: SimulatorClient, prompt: str = "a boat", model: str = IMAGE) -> str:
    """Return the link of a file that the simulator made."""
    output = client.finished(prompt, model)["output"]
    return str(output[0] if isinstance(output, list) else output)


def run(client: SimulatorClient, url: str, model: str = VIDEO) -> dict[str, Any]:
    name = "input_image" if model == VIDEO else "input_audio"
    return client.finished(model=model, input={name: url})


def test_a_readable_file_is_accepted(client: SimulatorClient) -> None:
    assert run(client, link(client))["status"] == "succeeded"
    assert client.simulator.simulator.file_requests == {"count": 1, "with_authorization": 0}


def test_a_data_uri_is_read(client: SimulatorClient) -> None:
    sound = base64.b64encode(b"RIFF\x00\x00\x00\x00WAVEfmt ").decode()
    assert run(client, f"data:audio/wav;base64,{sound}", AUDIO)["status"] == "succeeded"
    assert run(client, f"data:image/png;base64,{sound}")["error"].endswith("cannot identify image file")
    assert run(client, "data:image/png,%89PNG%0D%0A%1A%0A")["status"] == "succeeded"


FILES = {
    "[[fault:output-gone]]": "404 Not Found",
    "[[fault:status on=file status=403]]": "403 Forbidden",
    "[[fault:output-slow seconds=60]]": "timed out",
    "[[fault:output-blob megabytes=1]]": "the file is larger than 100000 bytes",
    "[[fault:output-html]]": "cannot identify image file",
    "[[fault:output-empty]]": "cannot identify image file",
    "[[fault:output-redirect-foreign]]": "the link could not be reached",
    "[[fault:output-redirect-private]]": "the link could not be reached",
    "[[fault:output-redirect-loop]]": "too many redirects",
    "[[fault:output-cut]]": "the link could not be reached",
}


@pytest.mark.parametrize("fault", FILES)
def test_a_file_that_cannot_be_used_fails_the_prediction_free_of_charge(client: SimulatorClient, fault: str) -> None:
    failed = run(client, link(client, f"a boat {fault}"))
    assert (failed["status"], failed["error"]) == ("failed", f"Input validation error: input_image: {FILES[fault]}")
    assert client.json("GET", "/control/predictions")["predictions"][0]["dollars"] == "0.000000"


def test_a_dead_link_fails_the_prediction(client: SimulatorClient) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/boat.png"
        assert run(client, url)["error"].endswith("the link could not be reached")


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/boat.png",
        "http://10.0.0.1/boat.png",
        "file:///etc/hostname",
        "http://127.0.0.1:99999/",
    ],
)
def test_no_request_leaves_this_machine(client: SimulatorClient, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    hosts = set()

    def look_up(host: str, *more: Any, **options: Any) -> Any:
        hosts.add(host)
        return getaddrinfo(host, *more, **options)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    assert run(client, url)["error"] == "Input validation error: input_image: the link could not be reached"
    assert hosts == {"127.0.0.1"}


def test_a_data_uri_that_is_not_base64_fails_the_prediction(client: SimulatorClient) -> None:
    assert run(client, "data:image/png;base64,***")["error"].endswith("the data URI is not base64")


def test_every_link_of_a_list_is_read(client: SimulatorClient) -> None:
    links = [PICTURE, link(client, "a boat [[fault:output-gone]]")]
    failed = client.finished(model=FILM, input={"reference_images": links})
    assert failed["error"] == "Input validation error: reference_images: 404 Not Found"
    assert client.finished(model=FILM, input={"reference_images": links[:1], "image": None})["status"] == "succeeded"


def test_the_link_of_a_picture_may_carry_a_fault(client: SimulatorClient) -> None:
    assert "NSFW" in run(client, f"{PICTURE}#%5B%5Bfault:nsfw%5D%5D")["error"]
