"""Round trips, counted on the wire: each costs a millisecond or two in AWS."""

from collections.abc import Callable

from integration.wire import at_port, counting_proxy
from mediagen.cache.cache import Cache
from mediagen.records.database import Database
from mediagen.records.jobs import JobRecords


def test_a_repeated_statement_is_one_round_trip(instance_url: str) -> None:
    with counting_proxy(instance_url) as counts:
        database = Database(lambda: at_port(instance_url, counts.port))
        database.run("SELECT CAST(:number AS integer) AS number", number=1)
        counts.reset()
        assert database.run("SELECT CAST(:number AS integer) AS number", number=2) == [{"number": 2}]
        assert counts.round_trips == 1
        database.close()


def test_finding_a_job_again_is_one_round_trip(instance_url: str) -> None:
    with counting_proxy(instance_url) as counts:
        database = Database(lambda: at_port(instance_url, counts.port))
        records = JobRecords(database)
        trips = counted(counts.reset, lambda: counts.round_trips, lambda: records.find(NOBODY))
        assert trips[1] == 1
        database.close()


def test_connecting_to_redis_with_a_login_and_asking_is_three_round_trips(redis: str) -> None:
    with counting_proxy(redis) as counts:
        cache = Cache(lambda: at_port(redis, counts.port))
        trips = counted(counts.reset, lambda: counts.round_trips, lambda: cache.status(NOBODY))
        assert trips == [3, 1]


NOBODY = "00000000-0000-7000-8000-000000000000"


def counted(reset: Callable[[], None], read: Callable[[], int], act: Callable[[], object]) -> list[int]:
    """Run an act twice and return the round trips of each run."""
    trips = []
    for _ in range(2):
        reset()
        act()
        trips.append(read())
    return trips
