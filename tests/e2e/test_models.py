"""Models change at run time: added from Replicate's description; refused while the circuit is open."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from common.api import Response
from common.paths import ROOT
from deploy.__main__ import main
from e2e.parts import AUDIO, IMAGE, Platform, until
from mediagen.jobs.circuit_breaker import THRESHOLD

HEALTH = "models:health:audio:musicgen"
SEEN_WITHIN_SECONDS = 90  # containers look at the table once a minute


@pytest.fixture
def redis(platform: Platform) -> Iterator[Redis]:
    """The cache; afterwards the circuit of these tests' model is closed."""
    with Redis.from_url(platform.environment.url("redis"), decode_responses=True) as client:
        yield client
        client.delete(HEALTH)


@pytest.fixture
def checkout(platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of what `make model` reads, with the emulator as AWS and the simulator as Replicate."""
    shutil.copytree(ROOT / "terraform" / "environments", tmp_path / "terraform" / "environments")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.delenv("REPLICATE_API_TOKEN", raising=False)
    monkeypatch.setenv("REPLICATE_BASE_URL", f"{platform.environment.url('simulator')}/v1")
    for name, value in platform.environment.variables().items():
        monkeypatch.setenv(name, value)
    return tmp_path


def test_a_model_is_written_from_replicate_stored_and_generates(platform: Platform, checkout: Path) -> None:
    wanted = ["--model", "black-forest-labs/flux-schnell", "--id", "flux-written", "--price", "0.5", "--time", "3"]
    assert main(["model", "local", *wanted], checkout) == 0  # with the token from the environment's secret
    [entry] = json.loads((checkout / "models/image/flux-written.json").read_text())["image"].values()

    def offered() -> dict[str, Any] | None:
        response = platform.client.get("/models/flux-written")
        return response.json() if response.status == 200 else None

    shown = until(offered, "the new model is offered", SEEN_WITHIN_SECONDS)
    assert (shown["estimatedCost"], shown["estimatedTime"]) == (0.5, 3)
    assert shown["inputSchema"]["properties"] == entry["inputSchema"]["properties"]

    def accepted() -> Response | None:
        response = platform.client.post("/generate-media", shown["example"])
        return response if response.status == 202 else None

    job_id = until(accepted, "the new model is accepted", SEEN_WITHIN_SECONDS).json()["jobId"]
    assert platform.finished(job_id)["status"] == "completed"
    wrong = platform.client.post("/generate-media", IMAGE | {"modelId": "flux-written", "params": {"num_outputs": 9}})
    assert (wrong.status, wrong.json()["errors"][0]["path"]) == (422, "params.num_outputs")


def test_a_model_whose_create_calls_crash_is_refused_until_one_request_succeeds(
    platform: Platform, redis: Redis
) -> None:
    platform.control("POST", "faults", {"fault": "500", "model": "meta/musicgen"})
    for _ in range(THRESHOLD):
        assert platform.client.post("/generate-media", AUDIO).json()["status"] == "submitting"
    refused = platform.client.post("/generate-media", AUDIO)
    assert (refused.status, refused.json()["code"]) == (503, "model_unavailable")
    assert 1 <= int(refused.headers["retry-after"]) <= 30
    away = platform.client.get("/models/musicgen").json()["availability"]
    assert (away["status"], 1 <= away["retryAfterSeconds"] <= 30) == ("unavailable", True)
    platform.clear_faults()
    redis.set(HEALTH, json.dumps(json.loads(str(redis.get(HEALTH))) | {"open_until": 0}))
    assert platform.client.get("/models/musicgen").json()["availability"]["status"] == "probing"
    assert platform.generate(AUDIO)["status"] == "completed"
    assert platform.client.get("/models/musicgen").json()["availability"]["status"] == "available"
