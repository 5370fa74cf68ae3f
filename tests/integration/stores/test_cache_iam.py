"""TLS and IAM to a real Redis: tokens for an ACL user, renewed per connection, and sent to a verified server only."""

import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis

from integration.stores.iam import USER, Signer
from integration.stores.tls import Authority
from local_cloud.ports import HOST, free_port
from local_cloud.redis import redis_server
from mediagen.aws.tokens import UrlRefused, cache_token
from mediagen.cache.cache import Cache, connect

GROUP = "vsl-test-cache"


@pytest.fixture(scope="module")
def admin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    """Run a Redis that requires a password; yield its administrator's connection."""
    folder = tmp_path_factory.mktemp("redis")
    with redis_server(folder, password="admin") as url, Redis.from_url(url, decode_responses=True) as client:
        yield client


@pytest.fixture(scope="module")
def port(admin: Redis, authority: Authority) -> int:
    """Enable TLS on a second port."""
    port, file = free_port(), authority.server(HOST)
    show(admin, file)
    admin.config_set("tls-auth-clients", "no", "tls-port", port)
    return port


def show(admin: Redis, certificate: Path) -> None:
    """Let Redis present a certificate, whose file also holds the key."""
    admin.config_set("tls-cert-file", str(certificate), "tls-key-file", str(certificate))


@pytest.fixture
def signer() -> Signer:
    return Signer()


@pytest.fixture
def accept(admin: Redis, signer: Signer) -> Callable[[], None]:
    """Let Redis accept only tokens signed now; existing connections stay open."""

    def now() -> None:
        token = cache_token(signer(), cache=GROUP, user=USER)
        admin.acl_setuser(
            USER, enabled=True, reset_passwords=True, passwords=[f"+{token}"], keys=["*"], categories=["+@all"]
        )

    return now


@pytest.fixture
def cache(port: int, signer: Signer) -> Cache:
    clock = itertools.count(step=10)  # so the circuit never stays open
    return Cache(lambda: f"rediss://{USER}@{HOST}:{port}/0?iam={GROUP}", signer, clock=lambda: next(clock))


def logged(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return why the cache was unavailable, each time."""
    return [json.loads(line)["error"] for line in capsys.readouterr().out.splitlines()]


def connections(admin: Redis) -> list[str]:
    return [client["id"] for client in admin.client_list() if client["user"] == USER]


def cut(admin: Redis) -> None:
    admin.client_kill_filter(_type="normal", skipme=True)


def test_a_token_for_user_and_cache_opens_the_connection(
    trusted: Authority, cache: Cache, admin: Redis, accept: Callable[[], None]
) -> None:
    accept()
    cache.mark_processed("p-1")
    assert cache.mark_processed("p-1")
    assert len(connections(admin)) == 1
    cut(admin)


def test_an_open_connection_stays_and_a_new_one_gets_a_fresh_token(
    trusted: Authority,
    cache: Cache,
    admin: Redis,
    signer: Signer,
    accept: Callable[[], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    accept()
    cache.mark_processed("p-2")
    first = connections(admin)
    signer.wait(minutes=20)
    accept()
    assert cache.mark_processed("p-2")
    assert connections(admin) == first
    cut(admin)
    assert cache.mark_processed("p-2")
    assert connections(admin) != first
    assert logged(capsys) == []


def test_the_token_of_before_does_not_open_it_again_and_is_not_logged(
    trusted: Authority,
    cache: Cache,
    admin: Redis,
    signer: Signer,
    accept: Callable[[], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    accept()
    cache.mark_processed("p-3")
    signer.wait(minutes=20)
    accept()
    signer.wait(minutes=-20)
    cut(admin)
    assert not cache.mark_processed("p-3")
    assert logged(capsys) == ["AuthenticationError from ConnectionError"]


@pytest.mark.parametrize(
    ("host", "ended", "reason"),
    [("cache.example", False, "IP address mismatch"), (HOST, True, "certificate has expired")],
    ids=["name", "ended"],
)
def test_no_token_is_sent_to_a_server_with_a_wrong_or_expired_certificate(
    trusted: Authority,
    cache: Cache,
    admin: Redis,
    capsys: pytest.CaptureFixture[str],
    host: str,
    ended: bool,
    reason: str,
) -> None:
    show(admin, trusted.server(host, ended=ended))
    try:
        refused_before_login(cache, admin, reason, capsys)
    finally:
        show(admin, trusted.server(HOST))


def test_no_token_is_sent_to_a_server_of_an_unknown_authority(
    cache: Cache, admin: Redis, capsys: pytest.CaptureFixture[str]
) -> None:
    refused_before_login(cache, admin, "unable to get local issuer certificate", capsys)


def refused_before_login(cache: Cache, admin: Redis, reason: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Send a lookup, and check that Redis did not receive even the user name."""
    admin.config_resetstat()
    assert not cache.mark_processed("p-4")
    assert "cmdstat_auth" not in admin.info("commandstats")
    [error] = logged(capsys)
    assert reason in error


def test_without_credentials_nothing_is_known_and_no_half_open_connection_is_kept(
    trusted: Authority,
    cache: Cache,
    admin: Redis,
    signer: Signer,
    accept: Callable[[], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    accept()
    admin.config_resetstat()
    signer.away = True
    cache.mark_processed("p-5")
    [error] = logged(capsys)
    assert "nobody to sign" in error
    signer.away = False
    cache.mark_processed("p-5")
    assert cache.mark_processed("p-5")
    assert logged(capsys) == []
    assert "errorstat_NOAUTH" not in admin.info("errorstats")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        (f"redis://{USER}@{HOST}:1/0?iam={GROUP}", "iam needs TLS"),
        (f"rediss://{USER}:password@{HOST}:1/0?iam={GROUP}", "both a password and iam"),
        (f"rediss://{USER}@{HOST}:1/0?iam={GROUP}&ssl_cert_reqs=none", "no other options"),
        (f"redis://{HOST}:1/0?socket_timeout=60", "no other options"),
        (f"redis://{HOST}:1/0?sslrootcert=/roots.pem", "means nothing without TLS"),
        (f"redis://:pass/word@{HOST}:1/0", "the port is no number"),
    ],
)
def test_a_url_that_would_give_the_token_away_or_contradicts_itself_is_refused(
    signer: Signer, capsys: pytest.CaptureFixture[str], url: str, reason: str
) -> None:
    with pytest.raises(UrlRefused, match=reason):
        connect(url, signer)
    assert Cache(lambda: url, signer).status("job-1") is None
    [error] = logged(capsys)
    assert reason in error
