"""The cache through the double of ElastiCache: valid logins, session length, and allowed commands."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import AuthenticationError, NoPermissionError

from elasticache.running import Cache as ElastiCache
from elasticache.running import running_cache
from elasticache.tokens import Key
from integration.stores.tls import Authority
from integration.waiting import eventually
from local_cloud.ports import HOST
from mediagen.aws.credentials import Credentials
from mediagen.aws.settings import Aws
from mediagen.aws.tokens import cache_token
from mediagen.cache.cache import Cache, connect
from mediagen.times import utc_now

NAME, REGION = "vsl-test", "eu-west-1"
SESSION_SECONDS = 1.0
ROLE = Credentials("ASIDEXAMPLE", "secret/with+odd=characters", "token//with+odd==characters")
ACCOUNT = Aws(REGION, lambda: ROLE)


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[ElastiCache]:
    """Run a double whose sessions end after a second instead of 12 hours, with temporary credentials."""
    with running_cache(
        tmp_path_factory.mktemp("short"),
        name=NAME,
        region=REGION,
        certificate=authority.server(HOST),
        roots=authority.root,
        find={ROLE.access_key: Key(ROLE.secret_key, ROLE.token or "")}.get,
        session_seconds=SESSION_SECONDS,
    ) as running:
        yield running


@pytest.fixture
def login(short: ElastiCache) -> Callable[..., Redis]:
    """Log in with this token."""

    def client(token: str, user: str = NAME) -> Any:
        options = {"username": user, "password": token, "protocol": 2, "driver_info": None}
        address = short.url.partition("@")[2].partition("?")[0]
        roots = short.url.partition("sslrootcert=")[2]
        return Redis.from_url(f"rediss://{address}", ssl_ca_certs=roots, **options)

    return client


def test_a_function_logs_in_with_a_token_over_tls(short: ElastiCache) -> None:
    logins = short.front.logins
    cache = Cache(lambda: short.url, lambda: ACCOUNT)
    cache.mark_processed("p-1")
    assert cache.mark_processed("p-1")
    assert short.front.logins == logins + 1


def at(moment: Callable[[], datetime]) -> Aws:
    return replace(ACCOUNT, now=moment)


def of(credentials: Credentials) -> Aws:
    return replace(ACCOUNT, credentials=lambda: credentials)


BAD: dict[str, tuple[Callable[[], str], str]] = {
    "another cache": (lambda: cache_token(ACCOUNT, cache="vsl-other", user=NAME), "it is for the cache vsl-other"),
    "another user": (lambda: cache_token(ACCOUNT, cache=NAME, user="vsl-other"), "it is for another user"),
    "another region": (
        lambda: cache_token(replace(ACCOUNT, region="eu-west-2"), cache=NAME, user=NAME),
        f"its scope is {utc_now():%Y%m%d}/eu-west-2/elasticache/aws4_request",
    ),
    "ended": (
        lambda: cache_token(at(lambda: utc_now() - timedelta(minutes=16)), cache=NAME, user=NAME),
        "it has ended or has not begun",
    ),
    "not begun": (
        lambda: cache_token(at(lambda: utc_now() + timedelta(minutes=16)), cache=NAME, user=NAME),
        "it has ended or has not begun",
    ),
    "longer than allowed": (
        lambda: cache_token(ACCOUNT, cache=NAME, user=NAME).replace("X-Amz-Expires=900", "X-Amz-Expires=3600"),
        "it lives longer than 15 minutes",
    ),
    "changed after signing": (
        lambda: cache_token(ACCOUNT, cache=NAME, user=NAME).replace("X-Amz-Expires=900", "X-Amz-Expires=899"),
        "its signature does not match",
    ),
    "an unknown key": (
        lambda: cache_token(of(replace(ROLE, access_key="ASIAUNKNOWN")), cache=NAME, user=NAME),
        "its access key is unknown",
    ),
    "another secret": (
        lambda: cache_token(of(replace(ROLE, secret_key="other")), cache=NAME, user=NAME),
        "its signature does not match",
    ),
    "another session": (
        lambda: cache_token(of(replace(ROLE, token="other")), cache=NAME, user=NAME),
        "its session token is another one",
    ),
    "a password": (lambda: "password", "it is for the cache password"),
}


@pytest.mark.parametrize("kind", BAD)
def test_no_other_token_is_accepted(short: ElastiCache, login: Callable[..., Redis], kind: str) -> None:
    make, reason = BAD[kind]
    with login(make()) as client, pytest.raises(AuthenticationError, match="invalid username-password pair"):
        client.ping()
    assert short.front.refusals[-1] == reason


@pytest.mark.parametrize("user", ["vsl-other", "default", "admin"])
def test_no_other_user_is_let_in(login: Callable[..., Redis], user: str) -> None:
    with login(cache_token(ACCOUNT, cache=NAME, user=user), user) as client, pytest.raises(AuthenticationError):
        client.ping()


def test_a_login_without_a_name_is_refused(short: ElastiCache) -> None:
    address, _, roots = short.url.partition("@")[2].partition("?iam=vsl-test&sslrootcert=")
    for command in ("PING", "GET models:config:v1", "AUTH password"):
        client: Any = Redis.from_url(f"rediss://{address}", ssl_ca_certs=roots, driver_info=None, protocol=2)
        with client, pytest.raises(AuthenticationError):
            client.execute_command(*command.split())


def test_a_function_may_do_what_terraform_allows_and_no_more(short: ElastiCache) -> None:
    client: Any = connect(short.url, lambda: ACCOUNT)
    client.set("models:config:v1", "{}")
    for command in ("KEYS *", "DEL models:config:v1", "GET other:key", "CONFIG GET *"):
        with pytest.raises(NoPermissionError):
            client.execute_command(*command.split())


def test_after_its_session_ends_the_function_logs_in_again(
    short: ElastiCache, capsys: pytest.CaptureFixture[str]
) -> None:
    cache = Cache(lambda: short.url, lambda: ACCOUNT)
    cache.mark_processed("p-2")
    logins = short.front.logins

    def is_new() -> bool:
        assert cache.mark_processed("p-2")
        return short.front.logins > logins

    eventually(is_new, "another login")
    assert capsys.readouterr().out == ""


def test_a_login_on_an_open_connection_prolongs_the_session(short: ElastiCache) -> None:
    client: Any = connect(short.url, lambda: ACCOUNT)
    connection = client.connection_pool.get_connection()
    opened = connection._sock
    ends = monotonic() + 2 * SESSION_SECONDS
    while monotonic() < ends:
        connection.send_command("AUTH", NAME, cache_token(ACCOUNT, cache=NAME, user=NAME))
        assert connection.read_response() == "OK"
        sleep(SESSION_SECONDS / 5)
    assert connection._sock is opened  # it was never disconnected


def test_a_certificate_of_an_unknown_authority_is_not_trusted(short: ElastiCache, tmp_path: Path) -> None:
    other = Authority(tmp_path)
    url = f"{short.url.partition('sslrootcert=')[0]}sslrootcert={other.root}"
    logins = short.front.logins
    assert not Cache(lambda: url, lambda: ACCOUNT).mark_processed("p-1")
    assert short.front.logins == logins
