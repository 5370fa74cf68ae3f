"""The content of metadata.json."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from mediagen.jobs.job import Output
from mediagen.jobs.left_out import LeftOut
from mediagen.media.metadata import Generation, metadata_json

AT = datetime(2026, 11, 22, 17, 0, 0, 123456, tzinfo=UTC)
GENERATION = Generation(
    job_id="job",
    user_id="user",
    media_type="video",
    model_id="stability-video",
    params={"prompt": "ein Bär", "fps": 8},
    replicate_id="abc",
    model="stability-ai/stable-video-diffusion",
    version="hidden",
    metrics={"predict_time": 2.5},
    cost=Decimal("0.05"),
    created_at=AT,
    started_at=None,
    completed_at=AT,
    stored_at=AT,
)
FILE = Output("original", "videos/u/original.mp4", "video/mp4", 10, "ab" * 32, 320, 240, 2.0)


def test_the_description_holds_the_request_the_run_and_the_files() -> None:
    document = json.loads(metadata_json(GENERATION, [FILE]))
    assert document == {
        "jobId": "job",
        "userId": "user",
        "mediaType": "video",
        "modelId": "stability-video",
        "prompt": "ein Bär",
        "params": {"prompt": "ein Bär", "fps": 8},
        "replicateId": "abc",
        "model": "stability-ai/stable-video-diffusion",
        "version": "hidden",
        "metrics": {"predict_time": 2.5},
        "cost": 0.05,
        "createdAt": "2026-11-22T17:00:00.123Z",
        "startedAt": None,
        "completedAt": "2026-11-22T17:00:00.123Z",
        "storedAt": "2026-11-22T17:00:00.123Z",
        "files": [FILE.document()],
        "leftOut": [],
        "partial": False,
    }


def test_the_description_says_what_was_left_out() -> None:
    document = json.loads(metadata_json(GENERATION, [FILE], [LeftOut(2, "media_expired")]))
    assert document["partial"] is True
    assert [(each["position"], each["count"], each["code"]) for each in document["leftOut"]] == [
        (2, 1, "media_expired")
    ]


def test_a_job_without_prompt_or_cost_says_so() -> None:
    document = json.loads(metadata_json(replace(GENERATION, params={}, cost=None), []))
    assert (document["prompt"], document["cost"], document["files"]) == (None, None, [])


def test_the_same_values_give_the_same_bytes() -> None:
    assert metadata_json(GENERATION, [FILE]) == metadata_json(GENERATION, [FILE])
