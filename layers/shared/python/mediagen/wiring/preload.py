"""Load in INIT what the first request of a container needs anyway (ADR 30).

INIT runs with two processors, a function with 256 MB with a seventh of one: what takes 100 ms here would take 0.7 s
there, in which time-outs of connections would run out. No connection is opened and no secret is read: SnapStart keeps
what INIT leaves behind, and restores it days later.
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
    """Import these packages as our clients use them, and make the TLS context that they share."""
    for package in packages:
        for module in _MODULES[package]:
            import_module(module)
    if any(name.endswith("_URL_PARAMETER") for name in os.environ):  # Parameter Store is asked before the store
        import_module("mediagen.aws.transport")
    tls_context()
