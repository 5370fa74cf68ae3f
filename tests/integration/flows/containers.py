"""A new execution environment of Lambda: no state from earlier, and its own environment variables."""

import functools
import sys
from types import ModuleType
from typing import Any

import pytest

from integration.flows.role_groups import close_databases
from integration.flows.world import World
from mediagen.lifecycle.accept import Ports as AcceptingPorts
from mediagen.outbound.addresses import PublicHosts
from mediagen.outbound.callback_urls import CallbackUrls
from mediagen.settings import read_settings
from mediagen.tls import tls_context
from mediagen.wiring import clients
from mediagen.wiring.submit import SubmissionSettings, submission_ports
from packages.files import function_names


def new_container() -> None:
    """Clear every client, setting and secret that the modules cache.

    Only the system's roots stay: they are the same in every container, and loading them takes 20 to 34 ms of CPU time.
    """
    close_databases()
    names = (*function_names(), "mediagen")
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in names:
            for kept in _caches(module):
                kept.cache_clear()


@functools.cache
def _caches(module: ModuleType) -> "list[functools._lru_cache_wrapper[Any]]":
    """List the cached functions of a module; to look for them in all modules takes 4 ms."""
    found = vars(module).values()
    return [kept for kept in found if isinstance(kept, functools._lru_cache_wrapper) and kept is not tls_context]


def new_container_with(monkeypatch: pytest.MonkeyPatch, **environment: str) -> None:
    """Start a container with other environment variables."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    new_container()


def accepting_container(world: World, number: int, *, limit: int) -> AcceptingPorts:
    """Connect `generate_media` as one of many containers, which share no memory."""
    settings = world.container_settings(read_settings(SubmissionSettings), number)
    return AcceptingPorts(
        catalogue=clients.catalogue(settings.models, settings.redis_url, settings.database_url),
        limiter=clients.cache_of(settings.redis_url),
        limit_per_hour=limit,
        records=clients.job_records(settings.database_url),
        claims=clients.claim_records(settings.database_url),
        submission=submission_ports(settings),
        add_token_user=lambda user: None,
        callback_urls=CallbackUrls(PublicHosts()),
    )
