"""Where to call, as whom and by which clock: read from the environment once per process."""

import os
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from mediagen.aws.credentials import Credentials, CredentialSource
from mediagen.times import utc_now

# The variable's ending where it is not the service's host name in capitals.
# https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
_VARIABLE_ENDINGS = {"secretsmanager": "SECRETS_MANAGER"}


@dataclass(frozen=True, slots=True)
class Aws:
    """What every call needs; clocks, sleep and jitter are here so that a test can give its own."""

    region: str
    credentials: Callable[[], Credentials]
    endpoints: Mapping[str, str] = field(default_factory=dict)
    now: Callable[[], datetime] = utc_now
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random

    def endpoint_override(self, service: str) -> str | None:
        """Return the endpoint given for this service, or for all, without a closing slash."""
        ending = _VARIABLE_ENDINGS.get(service, service.upper())
        endpoint = self.endpoints.get(f"AWS_ENDPOINT_URL_{ending}") or self.endpoints.get("AWS_ENDPOINT_URL")
        return endpoint.rstrip("/") if endpoint else None

    def endpoint(self, service: str) -> str:
        """Return the service's endpoint: its override, the general one, or the region's own."""
        return self.endpoint_override(service) or f"https://{service}.{self.region}.amazonaws.com"


def from_environment(environ: Mapping[str, str]) -> Aws:
    """Read the region and endpoints; credentials are read when a call is signed."""
    region = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION")
    if not region:
        raise LookupError("neither AWS_REGION nor AWS_DEFAULT_REGION is set")
    endpoints = {name: value for name, value in environ.items() if name.startswith("AWS_ENDPOINT_URL")}
    return Aws(region, CredentialSource(environ, utc_now), endpoints)


@cache
def aws() -> Aws:
    """Return this process's settings."""
    return from_environment(os.environ)
