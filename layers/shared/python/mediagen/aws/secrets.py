"""Secrets and parameters, kept for a while in the process so that a rotation is picked up.

While the service that has them cannot be asked (throttled, away), what is kept goes on being used, which is counted.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from mediagen import log
from mediagen.aws.client import call
from mediagen.aws.errors import AwsError
from mediagen.aws.limits import INTERACTIVE, REFRESH, STARTING, Limits
from mediagen.aws.settings import Aws
from mediagen.errors.text import SafeMessage

# Within this time a rotated secret is in use everywhere; the old one must stay valid for as long.
KEPT_SECONDS = 300
# A value goes on being used for as long while nobody can be asked for it; as long as Replicate keeps a result.
OUTLIVES_SECONDS = 60 * 60
AGAIN_SECONDS = 15  # between two questions that nobody answered; each costs a request a second


@dataclass(frozen=True, slots=True)
class _Kept:
    """A value, when it was read, and when it is to be read again."""

    value: str = field(repr=False)
    read_at: datetime
    again_at: datetime


@dataclass(frozen=True, slots=True)
class Secrets:
    """Reads values by name; make one per process."""

    aws: Aws
    kept_seconds: int = KEPT_SECONDS
    # By the wall clock: a monotonic one may stand still while the environment is frozen or a snapshot.
    _kept: dict[tuple[str, str], _Kept] = field(default_factory=dict, repr=False)

    def secret(self, secret_id: str) -> str:
        """Return the current text of a secret. Raises AwsError."""
        return self._read("secret", secret_id, INTERACTIVE, lambda limits: _secret_value(self.aws, secret_id, limits))

    def replaced_at(self, secret_id: str) -> datetime | None:
        """Return when the current value replaced another one; None if it is the first. Raises AwsError."""
        try:
            previous = _secret(self.aws, secret_id, VersionStage="AWSPREVIOUS")
        except AwsError as error:
            if not error.is_not_found:
                raise
            previous = {}
        if "SecretString" not in previous:  # moto gives an empty secret a version without text
            return None
        return datetime.fromtimestamp(_secret(self.aws, secret_id)["CreatedDate"], UTC)

    def parameter(self, name: str, limits: Limits = STARTING) -> str:
        """Return a parameter, decrypted; `limits` hold for the first time it is read. Raises AwsError."""
        return self._read("parameter", name, limits, lambda limits: _parameter_value(self.aws, name, limits))

    def _read(self, kind: str, name: str, first: Limits, fetch: Callable[[Limits], str]) -> str:
        kept, now = self._kept.get((kind, name)), self.aws.now()
        if kept and now < kept.again_at:
            return kept.value
        try:
            value = fetch(REFRESH if kept else first)
        except AwsError as error:
            return self._outlived(kind, name, error, now)
        self._kept[kind, name] = _Kept(value, now, now + timedelta(seconds=self.kept_seconds))
        return value

    def _outlived(self, kind: str, name: str, error: AwsError, now: datetime) -> str:
        """Go on with a value that nobody can be asked for; one that is gone or denied is forgotten. Raises AwsError."""
        kept = self._kept.pop((kind, name), None)
        if kept is None or not error.is_no_answer or now - kept.read_at >= timedelta(seconds=OUTLIVES_SECONDS):
            raise error
        log.degraded("secrets", error)
        self._kept[kind, name] = replace(kept, again_at=now + timedelta(seconds=AGAIN_SECONDS))
        return kept.value


class LoginUnreadable(SafeMessage, ValueError):
    """A secret is not a login. Never says what it is instead."""


@dataclass(frozen=True, slots=True)
class Login:
    """A login as RDS keeps it in a secret, and as its proxy expects it there."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class LoginSecret:
    """A secret that holds a login; nothing of it is kept."""

    aws: Aws
    secret_id: str

    def read(self) -> Login:
        """Return the login as it is at this moment. Raises AwsError (`is_not_found`: it is empty), LoginUnreadable."""
        try:
            fields = json.loads(_secret_value(self.aws, self.secret_id))
            return Login(str(fields["username"]), str(fields["password"]))
        except (ValueError, TypeError, KeyError):  # their messages may have a part of it
            raise LoginUnreadable('the secret is not {"username": …, "password": …}') from None

    def fill(self, login: Login) -> None:
        """Put the first login in; does nothing when somebody else has done so. Raises AwsError."""
        # The same for everybody: Secrets Manager takes a token once, and refuses it with another value.
        token = hashlib.sha256(f"the first login of {self.secret_id}".encode()).hexdigest()
        text = json.dumps({"username": login.user, "password": login.password})
        payload = {"SecretId": self.secret_id, "SecretString": text, "ClientRequestToken": token}
        try:
            call(self.aws, "secretsmanager", "PutSecretValue", payload)
        except AwsError as error:
            if error.code != "ResourceExistsException":
                raise


def _secret_value(aws: Aws, secret_id: str, limits: Limits = INTERACTIVE) -> str:
    return str(_secret(aws, secret_id, limits)["SecretString"])


def _secret(aws: Aws, secret_id: str, limits: Limits = INTERACTIVE, **version: str) -> dict[str, Any]:
    return call(aws, "secretsmanager", "GetSecretValue", {"SecretId": secret_id} | version, limits=limits)


def _parameter_value(aws: Aws, name: str, limits: Limits) -> str:
    answer = call(aws, "ssm", "GetParameter", {"Name": name, "WithDecryption": True}, limits=limits)
    return str(answer["Parameter"]["Value"])
