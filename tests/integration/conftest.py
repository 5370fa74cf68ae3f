"""Servers of the integration tests, each started once: PostgreSQL, Redis, and moto as AWS."""

import functools
import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from redis import Redis

from aws_requests.recording import FILE
from aws_rules import check_recordings, recorded_moto
from elasticache.running import Cache as ElastiCache
from elasticache.running import running_cache
from elasticache.tokens import Key
from integration.databases import APPLICATION, LOGINS, as_application, connected, empty_tables, migrate, new_database
from integration.proxied import Endpoint, proxied
from integration.stores.tls import Authority
from local_cloud.ports import HOST
from local_cloud.postgres import postgres_server
from mediagen.aws.credentials import Credentials
from mediagen.aws.settings import Aws, aws
from mediagen.cache import cache

REGION = "eu-west-1"
ROOT = Credentials("test", "test")
MOST_CONNECTIONS = 150  # of the 200 connections that the tests' PostgreSQL allows

type Logged = Callable[[], list[dict[str, Any]]]


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tolerate a slow Redis on a busy machine; test_cache_slow.py and test_cache_away.py use the real time-outs."""
    monkeypatch.setattr(cache, "CALL_SECONDS", 20)


@pytest.fixture
def logged(capsys: pytest.CaptureFixture[str]) -> Logged:
    """Return every line that our code has logged so far."""
    lines: list[dict[str, Any]] = []

    def read() -> list[dict[str, Any]]:
        lines.extend(json.loads(line) for line in capsys.readouterr().out.splitlines())
        return list(lines)

    return read


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run PostgreSQL and yield the URL of its first, empty database."""
    with postgres_server(tmp_path_factory.mktemp("postgres")) as url:
        yield url


@pytest.fixture(scope="session")
def migrated(postgres: str) -> str:
    """Return the owner's URL of a database with our tables."""
    url = new_database(postgres)
    migrate(url)
    return url


@pytest.fixture(scope="session")
def instance_url(migrated: str) -> str:
    """Return the functions' URL of the same database without a proxy: a password, no TLS, so that bytes are visible."""
    return as_application(migrated)


@pytest.fixture(scope="session")
def rds_proxy(instance_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    """Run the double of RDS Proxy in front of the tests' PostgreSQL."""
    passwords = dict.fromkeys(LOGINS, urlsplit(instance_url).password or "")
    folder = tmp_path_factory.mktemp("rds_proxy")
    with proxied(instance_url, passwords, ROOT, REGION, folder, most_connections=MOST_CONNECTIONS) as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def application_url(rds_proxy: Endpoint, migrated: str) -> str:
    """Return the functions' URL of the same database through the RDS Proxy double."""
    return rds_proxy.url(APPLICATION, urlsplit(migrated).path[1:])


@pytest.fixture(scope="session")
def looking(migrated: str) -> Iterator[Any]:
    with connected(migrated) as connection:
        yield connection


@pytest.fixture
def sql(looking: Any) -> Any:
    """A connection for the test itself; all tables are empty."""
    empty_tables(looking)
    return looking


@pytest.fixture
def signing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the credentials whose tokens the double of RDS Proxy accepts."""
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ROOT.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", ROOT.secret_key)
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    aws.cache_clear()


@pytest.fixture
def database_url(application_url: str, signing: None, sql: Any) -> str:
    """Return the functions' URL of a database whose tables are empty."""
    return application_url


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def account() -> Aws:
    """Return the settings that sign as the tests' account."""
    return Aws(REGION, lambda: ROOT)


@pytest.fixture(scope="session")
def elasticache(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[ElastiCache]:
    """Run the double of ElastiCache, where functions log in with tokens over TLS."""
    keys = {ROOT.access_key: Key(ROOT.secret_key)}
    with running_cache(
        tmp_path_factory.mktemp("elasticache"),
        name="vsl-test",
        region=REGION,
        certificate=authority.server(HOST),
        roots=authority.root,
        find=keys.get,
    ) as running:
        yield running


@pytest.fixture(scope="session")
def redis(elasticache: ElastiCache) -> str:
    """Return the administrator's URL of the Redis behind the double."""
    return elasticache.admin_url


@pytest.fixture
def redis_client(redis: str) -> Iterator["Redis"]:
    """A connection to the emptied Redis for the test itself."""
    with Redis.from_url(redis, decode_responses=True) as client:
        client.flushall()
        yield client


@pytest.fixture(scope="session")
def moto(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    """Run moto; when it stops, its requests are checked against AWS's rules."""
    folder = tmp_path_factory.mktemp("moto")
    with recorded_moto(folder) as url:
        yield Aws(REGION, lambda: ROOT, {"AWS_ENDPOINT_URL": url})
    check_recordings("integration", request.session, folder / FILE)


@pytest.fixture(scope="session")
def boto() -> Callable[..., Any]:
    """Return a boto3 client for the same endpoint, region and credentials."""

    def client(aws: Aws, service: str) -> Any:
        signer = aws.credentials()
        return boto_client(
            aws.region, aws.endpoint(service), service, signer.access_key, signer.secret_key, signer.token
        )

    return client


@functools.cache  # making one costs 30 to 200 ms
def boto_client(region: str, endpoint: str, service: str, access_key: str, secret_key: str, token: str | None) -> Any:
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=endpoint,
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
        aws_session_token=token,
    )
