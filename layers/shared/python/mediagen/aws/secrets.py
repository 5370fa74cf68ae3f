"""Secrets and parameters, kept for a while in the process so that a rotation is picked up."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mediagen.aws.client import call
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
        answer = call(self.aws, "secretsmanager", "GetSecretValue", {"SecretId": secret_id})
        return str(answer["SecretString"])

    def _parameter(self, name: str) -> str:
        answer = call(self.aws, "ssm", "GetParameter", {"Name": name, "WithDecryption": True})
        return str(answer["Parameter"]["Value"])
