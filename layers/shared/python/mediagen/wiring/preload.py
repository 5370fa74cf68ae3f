"""Load in INIT what the first request of a container needs anyway (ADR 30).

INIT has two processors; a function with 256 MB later has a seventh of one, so 100 ms here would be 0.7 s there, and
connection timeouts would expire. No connection is opened and no secret is read, because SnapStart keeps the state of
INIT and restores it days later.
"""

import os
from importlib import import_module

from mediagen.tls import tls_context

_MODULES = {
    "pg8000": ("pg8000.native",),
    "redis": ("mediagen.cache.connection", "mediagen.cache.login", "redis.backoff", "redis.retry"),
    "urllib3": ("mediagen.aws.transport",),
}


def load(*packages: str) -> None:
    """Import these packages as our clients use them, and create the shared TLS context."""
    for package in packages:
        for module in _MODULES[package]:
            import_module(module)
    if any(name.endswith("_URL_PARAMETER") for name in os.environ):  # Parameter Store is read before the store
        import_module("mediagen.aws.transport")
    tls_context()
