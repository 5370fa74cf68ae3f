"""Passwords that IAM makes. They are signed here, without a call, and open a connection for 15 minutes.

Rules: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html and
https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html
"""

from collections.abc import Mapping
from urllib.parse import SplitResult, parse_qs

from mediagen.aws.settings import Aws
from mediagen.aws.signing import presign
from mediagen.errors.text import SafeMessage

TOKEN_SECONDS = 15 * 60  # the most that RDS and ElastiCache take; what is connected by then stays so


class UrlRefused(SafeMessage, ValueError):
    """A store's URL cannot work as it is, or would give a login away. Never says the URL."""


def iam_option(url: SplitResult, *, over_tls: bool) -> str | None:
    """Return what a store's URL says after `iam=`, None when it does not ask for IAM. Raises UrlRefused."""
    values = parse_qs(url.query, keep_blank_values=True).get("iam")
    if values is None:
        return None
    if not over_tls:
        raise UrlRefused("iam needs TLS: without it anybody on the way can use the token")
    if url.password is not None:
        raise UrlRefused("the URL has both a password and iam: only one of them can be meant")
    if not url.username or not url.hostname:
        raise UrlRefused("iam needs a user and a host in the URL: the token is signed for them")
    if len(values) > 1 or not values[0]:
        raise UrlRefused("iam needs exactly one value")
    return values[0]


def single_option(options: Mapping[str, list[str]], name: str) -> str | None:
    """Return the value of an option of a store's URL, None without it. Raises UrlRefused unless it has exactly one."""
    values = options.get(name)
    if values is None:
        return None
    if len(values) > 1 or not values[0]:
        raise UrlRefused(f"{name} needs exactly one value")
    return values[0]


def port_of(url: SplitResult, default: int) -> int:
    """Return the port of a store's URL. Raises UrlRefused for what is none."""
    try:
        return url.port or default
    except ValueError:  # whose message has a part of the password, if that has a slash
        raise UrlRefused("the port is no number: are the password's special characters percent-encoded?") from None


def database_token(aws: Aws, *, host: str, port: int, user: str) -> str:
    """Make the password of a PostgreSQL role that has `rds_iam`, for one endpoint. Raises AwsError."""
    return _token(aws, "rds-db", f"{host}:{port}", ("DBUser", user))


def cache_token(aws: Aws, *, cache: str, user: str) -> str:
    """Make the password of an ElastiCache user; `cache` is the replication group's id. Raises AwsError."""
    return _token(aws, "elasticache", cache, ("User", user))


def _token(aws: Aws, service: str, authority: str, user: tuple[str, str]) -> str:
    link = presign(
        "GET",
        f"https://{authority}/",
        [("Action", "connect"), user],
        service=service,
        region=aws.region,
        credentials=aws.credentials(),
        now=aws.now(),
        expires_seconds=TOKEN_SECONDS,
    )
    return link.removeprefix("https://")
