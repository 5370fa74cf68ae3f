"""The usual flows of Replicate's next client, 2.0.0b4. test_replicate_simulator_package.py has those of 1.0.7."""

import base64
import json
import subprocess
from pathlib import Path

import pytest

from common.media import PICTURE
from common.paths import ROOT
from contract.simulator_client import AUDIO, FILM, IMAGE, VIDEO
from replicate_simulator.server import RunningSimulator

pytestmark = pytest.mark.slow

PYTHON = ROOT / ".venv-replicate" / "bin" / "python"
PROGRAM = Path(__file__).with_name("replicate_flows.py")


def test_the_usual_flows_of_the_next_client_work(simulator: RunningSimulator, tmp_path: Path) -> None:
    assert PYTHON.exists(), "make .venv-replicate/installed"
    picture = tmp_path / "boat.png"
    picture.write_bytes(base64.b64decode(PICTURE.partition(",")[2]))
    command = [str(PYTHON), "-P", str(PROGRAM), str(picture)]
    environment = {
        "REPLICATE_POLL_INTERVAL": "0.05",
        "REPLICATE_BASE_URL": f"{simulator.url}/v1",
        "REPLICATE_API_TOKEN": simulator.settings.api_token,
    }
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)
    assert [link.rpartition("/")[2] for link in results.pop("streamed")] == ["out-0.webp", "out-1.webp"]
    assert results.pop("used").endswith("out-0.webp")
    links, film = results.pop("run"), results.pop("film")
    assert [link.rpartition("/")[2] for link in links] == ["out-0.webp"]
    assert film.endswith("out-0.mp4")
    assert "NSFW" in results.pop("failed")
    assert results == {
        "version": "2.0.0-beta.4",
        "waited": ["processing", 1],
        "started": ["starting", "succeeded"],
        "deployed": "succeeded",
        "canceled": "canceled",
        "size": picture.stat().st_size,
        "type": "application/octet-stream",
        "known": 2,
        "left": 1,
        "predictions": 9,
        "models": sorted([AUDIO, FILM, IMAGE, VIDEO]),
        "versions": 2,
        "deployments": ["images"],
        "found": ["musicgen"],
        "search": ["flux-schnell"],
        "account": "simulator",
        "hardware": 3,
        "secret": "whsec_",
    }
