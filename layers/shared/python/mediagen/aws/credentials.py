"""The role's credentials, from the environment or from the container endpoint (SnapStart)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock

from mediagen.aws.errors import AwsError, from_json
from mediagen.aws.limits import CREDENTIALS

RENEW_BEFORE = timedelta(minutes=5)
# The only hosts that may see the authorization token without TLS: Lambda, then ECS, then EKS.
# https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
PLAIN_HTTP_HOSTS = {"127.0.0.1", "localhost", "169.254.170.2", "169.254.170.23"}


@dataclass(frozen=True, slots=True)
class Credentials:
    """One set of keys; temporary ones have a `token`."""

    access_key: str
    secret_key: str = field(repr=False)
    token: str | None = field(default=None, repr=False)
    expires_at: datetime | None = None


@dataclass(slots=True)
class CredentialSource:
    """Return current credentials. Threads may share a source."""

    environ: Mapping[str, str]
    now: Callable[[], datetime]
    _cached: Credentials | None = field(default=None, init=False, repr=False)
    _lock: Lock = field(default_factory=Lock, init=False, repr=False)

    def __call__(self) -> Credentials:
        # Read on every call: a restored snapshot may have other variables.
        return from_environment(self.environ) or self._from_container()

    def _from_container(self) -> Credentials:
        with self._lock:
            cached = self._cached
            if cached is None or self._expires_within(RENEW_BEFORE, cached):
                cached = self._cached = self._renewed(cached)
            return cached

    def _renewed(self, old: Credentials | None) -> Credentials:
        try:
            return from_container(self.environ)
        except AwsError:
            if old is None or self._expires_within(timedelta(0), old):
                raise
            return old  # still good for up to 5 minutes; the next call asks again

    def _expires_within(self, window: timedelta, credentials: Credentials) -> bool:
        return credentials.expires_at is not None and self.now() + window >= credentials.expires_at


def from_environment(environ: Mapping[str, str]) -> Credentials | None:
    """Return the keys that Lambda sets, or None."""
    access_key = environ.get("AWS_ACCESS_KEY_ID")
    secret_key = environ.get("AWS_SECRET_ACCESS_KEY")
    if not access_key or not secret_key:
        return None
    return Credentials(access_key, secret_key, environ.get("AWS_SESSION_TOKEN") or None)


def from_container(environ: Mapping[str, str]) -> Credentials:
    """Ask the container credentials endpoint."""
    from mediagen.aws import transport  # imports urllib3

    url = environ.get("AWS_CONTAINER_CREDENTIALS_FULL_URI")
    if not url:
        raise AwsError("NoCredentials", 0, "neither access keys nor a container endpoint in the environment")
    _refuse_plain_http(url)
    answer = transport.exchange(
        "GET",
        url,
        _authorization(environ),
        b"",
        limits=CREDENTIALS,
        left=lambda: CREDENTIALS.deadline_seconds,
    )
    if answer.status != 200:
        raise from_json(answer.status, answer.body)
    return _parsed(answer.body)


def _authorization(environ: Mapping[str, str]) -> dict[str, str]:
    file = environ.get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")
    # The file wins, as in the SDKs, and is read each time because its token rotates.
    token = Path(file).read_text().strip() if file else environ.get("AWS_CONTAINER_AUTHORIZATION_TOKEN")
    return {"Authorization": token} if token else {}


def _refuse_plain_http(url: str) -> None:
    scheme, _, rest = url.partition("://")
    host = rest.partition("/")[0].partition(":")[0]
    if scheme != "https" and host not in PLAIN_HTTP_HOSTS:
        raise AwsError("NoCredentials", 0, f"the credentials endpoint {host} must use https")


def _parsed(body: bytes) -> Credentials:
    try:
        answer = json.loads(body)
        expires_at = datetime.fromisoformat(answer["Expiration"])
        return Credentials(answer["AccessKeyId"], answer["SecretAccessKey"], answer["Token"], expires_at)
    except (ValueError, KeyError, TypeError) as error:
        # Without its cause: a JSONDecodeError carries the whole answer, and so the secret key.
        raise AwsError("BadCredentials", 200, f"unreadable answer: {type(error).__name__}") from None
