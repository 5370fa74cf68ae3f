"""The stores, connected as the functions connect them."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from redis import Redis

from elasticache.running import Cache as ElastiCache
from integration.stores.jobs import add_user
from integration.stores.tls import Authority
from mediagen.aws.settings import Aws
from mediagen.cache.cache import Cache
from mediagen.records.access import AccessRecords
from mediagen.records.database import Database
from mediagen.records.jobs import JobRecords
from mediagen.tls import tls_context


@pytest.fixture
def databases(database_url: str) -> Iterator[Callable[[], Database]]:
    """Return a function that makes databases, each with its own connection, like containers."""
    made: list[Database] = []

    def make() -> Database:
        made.append(Database(lambda: database_url))
        return made[-1]

    yield make
    for database in made:
        database.close()


@pytest.fixture
def database(databases: Callable[[], Database]) -> Database:
    return databases()


@pytest.fixture
def records(database: Database) -> JobRecords:
    return JobRecords(database)


@pytest.fixture
def access(database: Database) -> AccessRecords:
    return AccessRecords(database)


@pytest.fixture
def user_id(sql: Any) -> str:
    return add_user(sql)


@pytest.fixture
def cache(elasticache: ElastiCache, account: Aws, redis_client: "Redis") -> Cache:
    return Cache(lambda: elasticache.url, lambda: account)


@pytest.fixture
def trusted(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Iterator[Authority]:
    """Add the authority to the system's roots."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.root))
    tls_context.cache_clear()
    yield authority
    tls_context.cache_clear()
