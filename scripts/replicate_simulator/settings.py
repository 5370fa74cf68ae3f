"""Start options of the simulator."""

import base64
import binascii
import secrets
from dataclasses import dataclass, field
from pathlib import Path


def new_webhook_secret() -> str:
    """Return a random signing secret in Replicate's form (`whsec_` and 24 bytes of base64)."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()


OWN_ACCOUNT, OTHER_ACCOUNT = "simulator", "another-account"


@dataclass(frozen=True)
class Account:
    """An account of Replicate: it sees its own predictions only, and signs its webhooks with its own secret."""

    username: str
    token: str
    webhook_secret: str


@dataclass(frozen=True)
class Settings:
    """Start options; durations are seconds, sizes are counts; without `state` a simulator forgets all when it ends."""

    port: int = 0
    api_token: str = "r8_simulator"
    webhook_secret: str = field(default_factory=new_webhook_secret)
    other_account_token: str = "r8_another_account"
    other_webhook_secret: str = field(default_factory=new_webhook_secret)
    seconds_per_prediction: float = 1.0
    page_size: int = 100
    creates_per_minute: int = 0
    data_removed_seconds: float = 3600.0
    webhook_retry_seconds: float = 60.0
    minimum_cancel_after_seconds: float = 5.0
    input_seconds: float = 10.0
    largest_input_bytes: int = 100 * 1024 * 1024
    list_without_webhook: bool = False
    ignore_unknown_inputs: bool = False
    verbose: bool = False
    state: Path | None = None

    def __post_init__(self) -> None:
        signing_key(self.webhook_secret)
        if not self.api_token:
            raise ValueError("the API token may not be empty")
        if self.page_size < 1:
            raise ValueError("the page size must be at least 1")
        if self.creates_per_minute < 0:
            raise ValueError("the creates per minute may not be negative")
        self._check_durations()

    @property
    def accounts(self) -> tuple[Account, Account]:
        return (
            Account(OWN_ACCOUNT, self.api_token, self.webhook_secret),
            Account(OTHER_ACCOUNT, self.other_account_token, self.other_webhook_secret),
        )

    def secret_of(self, username: str) -> str:
        """Return the secret that signs the webhooks of an account."""
        return next(each.webhook_secret for each in self.accounts if each.username == username)

    def _check_durations(self) -> None:
        for name in ("seconds_per_prediction", "data_removed_seconds", "webhook_retry_seconds", "input_seconds"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} may not be negative")


def signing_key(secret: str) -> bytes:
    """Return the key bytes of a `whsec_…` secret; ValueError when it is not one."""
    prefix, _, encoded = secret.partition("_")
    try:
        key = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        key = b""
    if prefix != "whsec" or not key:
        raise ValueError("the webhook secret must be whsec_ followed by base64")
    return key
