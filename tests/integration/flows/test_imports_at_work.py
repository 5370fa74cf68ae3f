"""Modules loaded after a function's first answer: imports dominate a cold start, so each path has a budget."""

import json
import os
import subprocess
import sys
from pathlib import Path

from integration.flows.events import http_event
from integration.flows.world import World

ROOT = Path(__file__).parents[3]
LISTED = {"boto3", "botocore", "fastjsonschema", "pg8000", "redis", "urllib3"}
PROGRAM = """
import importlib, json, sys
handler = importlib.import_module(sys.argv[1] + ".handler")
answer = handler.lambda_handler(json.loads(sys.argv[2]), None)
print(json.dumps({"status": answer["statusCode"], "loaded": sorted({name.partition(".")[0] for name in sys.modules})}))
"""


def first_answer(function: str, event: object) -> tuple[int, set[str]]:
    """Answer one event in a fresh interpreter; return the status and which of the listed packages were loaded."""
    paths = os.pathsep.join([str(ROOT / "lambdas"), str(ROOT / "layers/shared/python")])
    command = [sys.executable, "-c", PROGRAM, function, json.dumps(event)]
    environment = {**os.environ, "PYTHONPATH": paths}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    told = json.loads(done.stdout.splitlines()[-1])
    return told["status"], LISTED & set(told["loaded"])


def test_a_status_answered_from_redis_needs_redis_and_one_signed_call_only(world: World) -> None:
    job_id = world.accepted()
    world.settled(job_id)
    world.status(job_id)  # now it is cached, whatever was shown before
    path = {"jobId": job_id}
    event = http_event("GET /status/{jobId}", f"/status/{job_id}", path=path, user_id=world.user_id)
    assert first_answer("get_status", event) == (200, {"redis", "urllib3"})


def test_accepting_a_request_needs_no_aws_sdk(world: World) -> None:
    body = json.dumps({"mediaType": "image", "modelId": "flux-schnell", "prompt": "ein Boot"}).encode()
    headers = {"content-type": "application/json"}
    event = http_event("POST /generate-media", "/generate-media", headers=headers, body=body, user_id=world.user_id)
    status, loaded = first_answer("generate_media", event)
    assert status == 202
    assert not loaded & {"boto3", "botocore"}


def test_a_webhook_is_acknowledged_without_database_and_cache(world: World) -> None:
    event = http_event("POST /webhook/replicate", "/webhook/replicate", headers={}, body=b"{}")
    assert first_answer("receive_webhook", event) == (401, {"urllib3"})
