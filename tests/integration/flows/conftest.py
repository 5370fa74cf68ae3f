"""The functions as on Lambda: moto as AWS, the Replicate simulator, real PostgreSQL and Redis."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from imageio_ffmpeg import get_ffmpeg_exe
from redis import Redis

from contract.answers import Judge, judge
from elasticache.running import Cache as ElastiCache
from integration.flows import cloud as names
from integration.flows.cloud import Cloud
from integration.flows.containers import new_container, new_container_with
from integration.flows.gateway import gateway
from integration.flows.models import MODELS
from integration.flows.role_groups import log_in_by_group, parameters, url_of_group
from integration.flows.world import World
from integration.media.file_host import FileHost, file_host
from integration.stores.jobs import add_user
from mediagen.aws.settings import Aws
from mediagen.http import edge
from mediagen.records.database import Database
from mediagen.records.jobs import JobRecords
from replicate_simulator.server import RunningSimulator, running_simulator


@pytest.fixture(scope="session")
def document() -> Judge:
    return judge()


@pytest.fixture(autouse=True)
def promised(document: Judge, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Check every answer of a function in these tests against the OpenAPI document."""
    faults: list[str] = []
    answer = edge.http

    def judged(event: edge.Event, act: Callable[[edge.Request], edge.Response]) -> dict[str, Any]:
        written: dict[str, Any] = answer(event, act)
        faults.extend(document.faults(event["routeKey"], written["statusCode"], written["headers"], written["body"]))
        return written

    monkeypatch.setattr(edge, "http", judged)
    yield
    assert not faults


@pytest.fixture(scope="session")
def simulator() -> Iterator[RunningSimulator]:
    with running_simulator(
        seconds_per_prediction=0.05, webhook_retry_seconds=0.6, minimum_cancel_after_seconds=1, page_size=5
    ) as running:
        yield running


@pytest.fixture(scope="session")
def cloud(
    moto: Aws, boto: Callable[..., Any], application_url: str, elasticache: ElastiCache, simulator: RunningSimulator
) -> Cloud:
    made = Cloud(moto, boto)
    token, signing_secret = simulator.settings.api_token, simulator.settings.webhook_secret
    of_jobs = url_of_group(application_url, "jobs")
    made.fill(database_url=of_jobs, redis_url=elasticache.url, token=token, signing_secret=signing_secret)
    for name, url in parameters(application_url).items():
        made.parameter(name, url)
    return made


@pytest.fixture(scope="session")
def ffmpeg_layer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Unpack the ffmpeg layer, as the local cloud does."""
    folder = tmp_path_factory.mktemp("layer")
    (folder / "bin").mkdir()
    (folder / "bin" / "ffmpeg").symlink_to(get_ffmpeg_exe())
    return folder


@pytest.fixture
def world(
    cloud: Cloud,
    simulator: RunningSimulator,
    ffmpeg_layer: Path,
    database_url: str,
    sql: Any,
    redis_client: Redis,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[World]:
    simulator.simulator.reset()
    cloud.empty_table()
    queues = {"submissions": cloud.queue(), "webhooks": cloud.queue(), "callbacks": cloud.queue()}
    with gateway() as public_url:
        environment = environment_of(cloud, simulator, queues, public_url)
        monkeypatch.syspath_prepend(ffmpeg_layer)
        log_in_by_group(monkeypatch)
        new_container_with(monkeypatch, **environment)
        database = Database(lambda: database_url)
        yield World(cloud, simulator, sql, JobRecords(database), add_user(sql), queues, database, redis_client)
        simulator.simulator.reset()
        database.close()
        new_container()


def environment_of(
    cloud: Cloud, simulator: RunningSimulator, queues: dict[str, str], public_url: str
) -> dict[str, str]:
    """Set the environment variables that Terraform sets, for all functions at once."""
    return {
        "AWS_ENDPOINT_URL": cloud.aws.endpoints["AWS_ENDPOINT_URL"],
        "AWS_REGION": cloud.aws.region,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "LOG_LEVEL": "INFO",
        "DATABASE_URL_PARAMETER": names.DATABASE,
        "OWNER_DATABASE_URL_PARAMETER": names.OWNER_DATABASE,
        "PROXY_LOGIN_SECRETS": "",
        "REDIS_URL_PARAMETER": names.REDIS,
        "JOB_TABLE": names.TABLE,
        "MEDIA_BUCKET": names.BUCKET,
        "SUBMISSIONS_QUEUE_URL": queues["submissions"],
        "WEBHOOKS_QUEUE_URL": queues["webhooks"],
        "CALLBACKS_QUEUE_URL": queues["callbacks"],
        "ALLOWED_CALLBACK_ORIGINS": "",
        "REPLICATE_BASE_URL": f"{simulator.url}/v1",
        "REPLICATE_TOKEN_SECRET": names.TOKEN,
        "REPLICATE_CREATES_PER_MINUTE": "500",
        "WEBHOOK_SECRET": names.SIGNING,
        "PUBLIC_API_URL": public_url,
        "MODELS": json.dumps(MODELS),
        "RATE_LIMIT_PER_HOUR": "100",
        "CONCURRENT_JOBS": "",
        "MONTHLY_BUDGET": "",
        "FAILURES_PER_ADDRESS": "20",
        "ALLOWED_OUTPUT_HOSTS": f"replicate.delivery,{simulator.url}",
        "MAX_OUTPUT_BYTES": str(20 * 1024 * 1024),
        "MAX_OUTPUTS": "64",
        "DERIVATIVE_TIMEOUT_SECONDS": "30",
        "LINK_SECONDS": "900",
        "WAITING_REQUESTS": "20",
        "KEY_PREFIX": "vsl_test",
        "RELEASE": "test",
    }


@pytest.fixture
def restart(world: World, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Start a new container with other environment variables."""
    return lambda **environment: new_container_with(monkeypatch, **environment)


@pytest.fixture
def receiver(restart: Callable[..., None]) -> Iterator[FileHost]:
    """Run a receiver at the one local address that is allowed for callbacks."""
    with file_host() as running:
        restart(ALLOWED_CALLBACK_ORIGINS=running.origin())
        yield running
