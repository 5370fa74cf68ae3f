"""The first request of a cold container, with Lambda's share of a processor and TLS to everything.

The built zips and layer; real Redis and PostgreSQL behind the doubles of ElastiCache and RDS Proxy, moto behind TLS.
"""

import json
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import certifi
import pytest

from contract.terraform_functions import argument, functions
from elasticache.running import Cache as ElastiCache
from integration.flows import cold_container
from integration.flows.events import Context, authorizer_event, http_event
from integration.flows.world import World
from integration.proxied import Endpoint
from integration.stores.tls import Authority
from integration.tls_before import tls_before
from local_cloud.packages import architecture
from local_cloud.ports import HOST
from manage_access.handler import lambda_handler as manage_access
from packages.files import function_zip, layer_zips
from replicate_simulator.webhooks import sign


@dataclass(frozen=True)
class FirstAnswer:
    """INIT in CPU seconds, the first answer in throttled seconds, and the log."""

    init_seconds: float
    seconds: float
    answer: dict[str, Any]
    logged: str


type Start = Callable[[str, Mapping[str, Any]], FirstAnswer]


@pytest.fixture(scope="module")
def layer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpacked(layer_zips(architecture())["shared"], tmp_path_factory.mktemp("layer")) / "python"


def unpacked(path: Path, folder: Path) -> Path:
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture(scope="module")
def roots(authority: Authority, rds_proxy: Endpoint, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the public roots and our own into one file, so that loading them costs as much as on Lambda."""
    bundle = Path(certifi.where()).read_text()
    assert bundle.count("BEGIN CERTIFICATE") > 100
    file = tmp_path_factory.mktemp("roots") / "roots.pem"
    file.write_text(bundle + authority.root.read_text() + rds_proxy.root.read_text())
    return file


@pytest.fixture
def start(
    world: World,
    authority: Authority,
    elasticache: ElastiCache,
    layer: Path,
    roots: Path,
    application_url: str,
    tmp_path: Path,
) -> Iterator[Start]:
    """Start a function's container, which answers one event."""
    certificate = authority.server(HOST)
    with tls_before(world.cloud.aws.endpoints["AWS_ENDPOINT_URL"], certificate) as aws_port:
        environment = os.environ | {
            "AWS_ENDPOINT_URL": f"https://{HOST}:{aws_port}",
            "DATABASE_URL": application_url.partition("&sslrootcert")[0],
            "DATABASE_URL_PARAMETER": "",
            "REDIS_URL": elasticache.url.partition("&sslrootcert")[0],
            "REDIS_URL_PARAMETER": "",
            "SSL_CERT_FILE": str(roots),
        }

        def run(name: str, event: Mapping[str, Any]) -> FirstAnswer:
            task = unpacked(function_zip(name), tmp_path / name)
            program = [sys.executable, "-I", "-S", "-B", cold_container.__file__]
            command = [*program, name, argument(functions()[name], "memory_mb"), str(task), str(layer)]
            done = subprocess.run(
                command, input=json.dumps(event), capture_output=True, text=True, check=False, env=environment
            )
            assert done.returncode == 0, done.stderr
            *logged, told = done.stdout.splitlines()
            return FirstAnswer(**json.loads(told), logged="\n".join(logged))

        yield run


def hold(name: str, first: FirstAnswer) -> None:
    """Check that nothing was degraded, and that half of the function's time was left."""
    print(f"{name}: INIT {1000 * first.init_seconds:.0f} ms of CPU, first answer {1000 * first.seconds:.0f} ms")
    assert '"degraded"' not in first.logged
    assert first.seconds < int(argument(functions()[name], "timeout_seconds").split("#")[0]) / 2


def test_authorize(world: World, start: Start) -> None:
    key = str(manage_access({"action": "create-key", "userId": world.user_id, "name": "cold"}, Context())["apiKey"])
    first = start("authorize", authorizer_event({"Authorization": f"Bearer {key}"}))
    assert first.answer["isAuthorized"], first
    hold("authorize", first)


def test_receive_webhook(world: World, start: Start) -> None:
    body, moment = json.dumps({"id": "p-1", "status": "processing"}).encode(), int(time.time())
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(moment),
        "webhook-signature": sign(world.replicate.settings.webhook_secret, "msg_1", moment, body),
    }
    event = http_event("POST /webhook/replicate", "/webhook/replicate", headers=headers, body=body)
    first = start("receive_webhook", event)
    assert first.answer["statusCode"] < 300, first
    hold("receive_webhook", first)


def test_get_status(world: World, start: Start) -> None:
    job_id = world.accepted()
    world.settled(job_id)
    assert world.status(job_id).status == 200
    path = {"jobId": job_id}
    event = http_event("GET /status/{jobId}", f"/status/{job_id}", path=path, user_id=world.user_id)
    first = start("get_status", event)
    assert first.answer["statusCode"] == 200, first
    hold("get_status", first)


def test_generate_media(world: World, start: Start) -> None:
    body = json.dumps({"mediaType": "image", "modelId": "flux-schnell", "params": {"prompt": "ein Boot"}}).encode()
    headers = {"content-type": "application/json"}
    event = http_event("POST /generate-media", "/generate-media", headers=headers, body=body, user_id=world.user_id)
    first = start("generate_media", event)
    assert first.answer["statusCode"] == 202, first
    hold("generate_media", first)
