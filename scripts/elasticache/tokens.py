"""IAM tokens of `elasticache:Connect`: a link of Signature Version 4 without its scheme, good for 15 minutes.

https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote

LONGEST_SECONDS = 15 * 60
SKEW = timedelta(minutes=5)
SERVICE = "elasticache"
_SAFE = "-_.~"


class TokenRefused(Exception):
    """A token does not open this cache for this user; the message is for the log of the double."""


@dataclass(frozen=True, slots=True)
class Key:
    """The secret of an access key, and its session token if it is temporary."""

    secret: str = field(repr=False)
    session_token: str = field(default="", repr=False)


@dataclass(frozen=True)
class Verifier:
    """Verifies tokens for one replication group; `find` looks an access key up."""

    cache: str
    region: str
    find: Callable[[str], Key | None]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def verify(self, user: str, token: str) -> None:
        """Check the token of a user. Raises TokenRefused."""
        host, _, query = token.partition("/?")
        pairs = parse_qsl(query, keep_blank_values=True)
        given = dict(pairs)
        access_key, _, scope = given.get("X-Amz-Credential", "").partition("/")
        moment = given.get("X-Amz-Date", "")
        key = self.find(access_key)
        _require(len(given) == len(pairs), "a parameter is given twice")
        _require(host == self.cache, f"it is for the cache {host}")
        _require(given.get("Action") == "connect", "it is no token to connect")
        _require(given.get("User") == user, "it is for another user")
        _require(scope == f"{moment[:8]}/{self.region}/{SERVICE}/aws4_request", f"its scope is {scope}")
        _require(given.get("X-Amz-SignedHeaders") == "host", "it signs other headers than the host")
        self._check_age(moment, given.get("X-Amz-Expires", ""))
        if key is None:
            raise TokenRefused("its access key is unknown")
        _require(given.get("X-Amz-Security-Token", "") == key.session_token, "its session token is another one")
        signature = _signature(host, pairs, moment, scope, key.secret)
        _require(hmac.compare_digest(signature, given.get("X-Amz-Signature", "")), "its signature does not match")

    def _check_age(self, moment: str, expires: str) -> None:
        try:
            made = datetime.strptime(moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            lives = timedelta(seconds=int(expires))
        except ValueError:
            raise TokenRefused("it has no date or no end") from None
        _require(0 < lives.total_seconds() <= LONGEST_SECONDS, "it lives longer than 15 minutes")
        _require(made - SKEW <= self.now() <= made + lives, "it has ended or has not begun")


def _signature(host: str, pairs: list[tuple[str, str]], moment: str, scope: str, secret: str) -> str:
    encoded = sorted((quote(name, _SAFE), quote(value, _SAFE)) for name, value in pairs if name != "X-Amz-Signature")
    query = "&".join(f"{name}={value}" for name, value in encoded)
    canonical = "\n".join(["GET", "/", query, f"host:{host}", "", "host", hashlib.sha256(b"").hexdigest()])
    text = "\n".join(["AWS4-HMAC-SHA256", moment, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()


def _require(is_so: bool, otherwise: str) -> None:
    if not is_so:
        raise TokenRefused(otherwise)
