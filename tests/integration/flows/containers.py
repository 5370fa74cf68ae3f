"""A new execution environment of Lambda: no state from earlier, and its own environment variables."""

import sys

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
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in (*function_names(), "mediagen"):
            for kept in list(vars(module).values()):
                if hasattr(kept, "cache_clear") and kept is not tls_context:
                    kept.cache_clear()


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
