"""Secrets and parameters, kept for a while in the process so that a rotation is picked up."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mediagen.aws.client import call
from mediagen.aws.errors import AwsError
from mediagen.aws.settings import Aws

# Within this time a rotated secret is in use everywhere; the old one must stay valid for as long.
KEPT_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Secrets:
    """Reads values by name; make one per process."""

    aws: Aws
    kept_seconds: int = KEPT_SECONDS
    # By the wall clock: a monotonic one may stand still while the environment is frozen or a snapshot.
    _kept: dict[tuple[str, str], tuple[datetime, str]] = field(default_factory=dict, repr=False)

    def secret(self, secret_id: str) -> str:
        """Return the current text of a secret."""
        return self._read("secret", secret_id, self._secret)

    def parameter(self, name: str) -> str:
        """Return a parameter, decrypted."""
        return self._read("parameter", name, self._parameter)

    def _read(self, kind: str, name: str, fetch: Callable[[str], str]) -> str:
        now = self.aws.now()
        kept_at, value = self._kept.get((kind, name), (None, ""))
        if kept_at is None or now - kept_at >= timedelta(seconds=self.kept_seconds):
            value = fetch(name)
            self._kept[kind, name] = now, value
        return value

    def _secret(self, secret_id: str) -> str:
        return _secret_value(self.aws, secret_id)

    def _parameter(self, name: str) -> str:
        answer = call(self.aws, "ssm", "GetParameter", {"Name": name, "WithDecryption": True})
        return str(answer["Parameter"]["Value"])


class LoginUnreadable(ValueError):
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


def _secret_value(aws: Aws, secret_id: str) -> str:
    answer = call(aws, "secretsmanager", "GetSecretValue", {"SecretId": secret_id})
    return str(answer["SecretString"])
