"""Terraform's cache permissions, tried on a real Redis: everything the functions need, and nothing else."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import AuthenticationError, NoPermissionError

from elasticache.access import access_string
from integration.stores.jobs import NOW, job
from local_cloud.redis import redis_server
from mediagen.access.source_standing import Standing
from mediagen.cache.cache import Cache
from mediagen.cache.failed_keys import FailedKeys
from mediagen.cache.known_keys import KnownKeys
from mediagen.cache.pace import Pace
from mediagen.cache.waits import Waits
from mediagen.jobs.epochs import NEVER_RESTORED
from mediagen.limits.dispatch import Turn
from mediagen.limits.quota import Quota
from mediagen.models.health import ModelHealth
from mediagen.records.access import User

OLD, NEW = ({"jobId": "job-1", "revision": revision} for revision in (1, 2))
# Every method of the cache, its arguments, and the answer.
QUESTIONS: list[tuple[str, tuple[Any, ...], Any]] = [
    ("answers", (), True),
    ("remember_status", (OLD,), True),
    ("remember_status", (NEW,), True),
    ("remember_epoch", (NEVER_RESTORED,), None),
    ("expect_end", ("job-1",), None),
    ("status", ("job-1",), NEW),
    ("remember_models", ({},), None),
    ("models", (), {}),
    ("mark_processed", ("p-1",), False),
    ("mark_processed", ("p-1",), True),
    ("spend", ("user-1", NOW), Quota(9, 0, 1, NOW)),
    ("spend", ("user-1", NOW), Quota(9, 0, 2, NOW)),
    ("spend_each", ("user-1", NOW, [None]), [Quota(9, 0, 3, NOW)]),
    ("give_back", ("user-1", NOW), None),
    ("look", ("user-1", NOW), Quota(9, 0, 2, NOW)),
]
# The methods for cached keys.
ABOUT_KEYS: list[tuple[str, tuple[Any, ...], Any]] = [
    ("remember", (bytes(32), User("user-1"), NOW), None),
    ("recall", (bytes(32),), User("user-1")),
    ("forget", (bytes(32),), True),
]
# The methods for the counter of wrong keys.
ABOUT_ADDRESSES: list[tuple[str, tuple[Any, ...], Any]] = [
    ("begin", ("192.0.2.1", bytes(32), NOW), Standing.COUNTED),
    ("trust", ("192.0.2.1", bytes(32), NOW), None),
    ("begin", ("192.0.2.1", bytes(32), NOW), Standing.TRUSTED),
    ("distrust", ("192.0.2.1", bytes(32), NOW), None),
    ("begin", ("192.0.2.1", None, NOW), Standing.COUNTED),
    ("release", ("192.0.2.1", NOW), None),
]

RULES = access_string("functions").split()
RIGHTS = [rule for rule in RULES if rule.startswith(("+", "~"))]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a Redis for these users, and yield its administrator's URL."""
    with redis_server(tmp_path_factory.mktemp("redis"), password="admin") as url:
        yield url


@pytest.fixture
def allow(server: str) -> Callable[[list[str]], str]:
    """Empty Redis, create a user with these rules, and return the user's URL."""

    def user(rules: list[str]) -> str:
        with Redis.from_url(server) as admin:
            admin.flushall()
            admin.acl_deluser("vsl-test")
            admin.execute_command("ACL SETUSER", "vsl-test", ">password", *rules)
        return server.replace(":admin@", "vsl-test:password@")

    return user


@pytest.fixture
def functions(allow: Callable[[list[str]], str]) -> Iterator[Redis]:
    with Redis.from_url(allow(RULES), protocol=2, driver_info=None) as client:
        yield client


def ask_everything(url: str) -> list[Any]:
    cache = FailedKeys(lambda: url)
    health = ModelHealth(cache)
    assert health.admit(job("user"), now=NOW) is False
    health.unsent(job("user"), now=NOW)
    assert Pace(cache, 60).ask(NOW) == Turn()
    with Waits(cache, 1).place("user-1") as may_wait:
        assert may_wait
    more = {method: {"limit": 9} for method in ("spend", "spend_each", "look", "begin")}
    questions = QUESTIONS + ABOUT_ADDRESSES
    answers = [getattr(cache, method)(*arguments, **more.get(method, {})) for method, arguments, _ in questions]
    known = KnownKeys(lambda: url)
    return [*answers, *(getattr(known, method)(*arguments) for method, arguments, _ in ABOUT_KEYS)]


def test_the_cache_is_asked_everything_here() -> None:
    for kind, questions in ((Cache, QUESTIONS), (FailedKeys, ABOUT_ADDRESSES), (KnownKeys, ABOUT_KEYS)):
        own = {name for name in vars(kind) if not name.startswith("_")} - {"ask"}
        assert {method for method, _, _ in questions} == own


def test_with_these_rights_the_cache_can_do_all_it_does(
    allow: Callable[[list[str]], str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert ask_everything(allow(RULES)) == [answer for _, _, answer in QUESTIONS + ABOUT_ADDRESSES + ABOUT_KEYS]
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("right", RIGHTS)
def test_without_one_of_them_something_is_refused(
    allow: Callable[[list[str]], str], capsys: pytest.CaptureFixture[str], right: str
) -> None:
    ask_everything(allow([rule for rule in RULES if rule != right]))
    assert '"action":"degraded"' in capsys.readouterr().out.replace(" ", "")


@pytest.mark.parametrize("command", ["KEYS *", "SCAN 0", "DEL models:config:v1", "FLUSHALL", "CONFIG GET *"])
def test_no_other_command_is_allowed(functions: Any, command: str) -> None:
    with pytest.raises(NoPermissionError):
        functions.execute_command(*command.split())


@pytest.mark.parametrize("key", ["other", "job:other:1", "webhook:other:1"])
def test_no_other_key_can_be_read(functions: Redis, key: str) -> None:
    with pytest.raises(NoPermissionError):
        functions.get(key)


def test_a_login_without_a_name_is_refused(allow: Callable[[list[str]], str]) -> None:
    """Redis would treat the connection as the user `default`, who has these rules and no password."""
    url = allow(["nopass", *access_string("nobody").split()])
    with Redis.from_url(url) as client, pytest.raises(AuthenticationError):
        client.ping()
