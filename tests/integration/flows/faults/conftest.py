"""A stage for each test: the world of the flows, with faults and with time."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from redis import Redis

from integration.flows.faults.figures import Figures
from integration.flows.faults.seeded import Planting, planted
from integration.flows.faults.settling import Stage
from integration.flows.faults.wire import Wire
from integration.flows.world import World
from integration.media.file_host import FileHost, body


@pytest.fixture
def planting(migrated: str, monkeypatch: pytest.MonkeyPatch) -> Planting | None:
    """Plant the bug of this run, if it has one."""
    return planted(monkeypatch, migrated)


@pytest.fixture
def stage(
    world: World,
    receiver: FileHost,
    redis_client: Redis,
    application_url: str,
    planting: Planting | None,
    restart: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Stage]:
    # Nobody's limit is the point here; a budget is, since what is reserved must be settled or given back once.
    restart(RATE_LIMIT_PER_HOUR="1000", MONTHLY_BUDGET="1000")
    wire = Wire(world.queues, world.replicate.url)
    with time_machine.travel(datetime.now(UTC), tick=True) as clock:
        wire.install(monkeypatch, application_url)
        stage = Stage(world, wire, clock, receiver, redis_client, receiver.serve("/vsl", body(b"")))
        stage.bury()
        yield stage
        stage.use_own_account()
        world.cloud.empty_bucket()


@pytest.fixture(scope="session")
def figures() -> Iterator[Figures]:
    counted = Figures()
    yield counted
    counted.write()
