"""IAM tokens of `rds-db:connect`: a link of Signature Version 4 without its scheme, good for 15 minutes.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote, urlsplit

LIFETIME = timedelta(minutes=15)
SKEW = timedelta(minutes=5)
ALGORITHM = "AWS4-HMAC-SHA256"
EMPTY = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class Secret:
    """The secret, session token and role of an access key."""

    secret_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)


class TokenRefused(Exception):
    """A token does not open this endpoint for this role; the message is for the log of the double."""


@dataclass(frozen=True)
class Verifier:
    """Verifies tokens for one endpoint; `find` looks an access key up."""

    host: str
    port: int
    region: str
    find: Callable[[str], Secret | None]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def verify(self, token: str, user: str) -> None:
        """Check a token. Raises TokenRefused."""
        parts = urlsplit(f"https://{token}")
        query = dict(pairs := parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True))
        _require(len(query) == len(pairs), "a parameter is given twice")
        _require(parts.netloc == f"{self.host}:{self.port}", "it is for another endpoint")
        _require(parts.path == "/" and query.get("Action") == "connect", "it is not a token to connect")
        _require(query.get("DBUser") == user, "it is for another role")
        self._check_age(query)
        access_key, date, *scope = query.get("X-Amz-Credential", "").split("/")
        _require(scope == [self.region, "rds-db", "aws4_request"], "it is for another region or service")
        _require(date == query["X-Amz-Date"][:8], "its dates differ")
        secret = self.find(access_key)
        _require(secret is not None, "its access key is unknown")
        assert secret is not None
        _require(query.get("X-Amz-Security-Token") == secret.session_token, "its session token is another one")
        wanted = _signature(query, parts.netloc, secret.secret_key, self.region)
        _require(hmac.compare_digest(wanted, query.get("X-Amz-Signature", "")), "its signature is wrong")

    def _check_age(self, query: Mapping[str, str]) -> None:
        try:
            made = datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            lifetime = timedelta(seconds=int(query["X-Amz-Expires"]))
        except (KeyError, ValueError):
            raise TokenRefused("it has no date or no end") from None
        _require(timedelta() < lifetime <= LIFETIME, "it is good for more than 15 minutes")
        _require(made - SKEW <= self.now() <= made + lifetime, "it is not good now")


def _signature(query: Mapping[str, str], host: str, secret_key: str, region: str) -> str:
    pairs = sorted((_encoded(name), _encoded(value)) for name, value in query.items() if name != "X-Amz-Signature")
    canonical = "\n".join(
        ["GET", "/", "&".join(f"{name}={value}" for name, value in pairs), f"host:{host}", "", "host", EMPTY]
    )
    moment = query["X-Amz-Date"]
    scope = f"{moment[:8]}/{region}/rds-db/aws4_request"
    text = "\n".join([ALGORITHM, moment, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = f"AWS4{secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~")


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise TokenRefused(otherwise)
