"""Log the media and access functions in as on AWS: each as the role of its group (ADR 36)."""

from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest

import authorize.handler
import manage_access.handler
import process_webhook.handler
from integration.flows.cloud import DATABASE
from mediagen.settings import StoreUrl, read_settings
from mediagen.wiring import clients

GROUPS: dict[str, tuple[Any, ...]] = {
    "media": (process_webhook.handler,),
    "access": (authorize.handler, manage_access.handler),
}


def url_of_group(application_url: str, group: str) -> str:
    parts = urlsplit(application_url)
    return parts._replace(netloc=f"vsl_{group}@{parts.hostname}:{parts.port}").geturl()


def log_in_by_group(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the handlers of the groups the URLs of their groups, unless a test sets the database's URL."""
    for group, handlers in GROUPS.items():
        for handler in handlers:
            monkeypatch.setattr(handler, "settings", partial(_settings, handler.Settings, group))


def close_databases() -> None:
    """Close the handlers' connections."""
    for parameter in (DATABASE, *(_parameter(group) for group in GROUPS)):
        clients.database(StoreUrl(parameter=parameter)).close()


def parameters(application_url: str) -> dict[str, str]:
    """List the parameters of the groups with their URLs."""
    return {_parameter(group): url_of_group(application_url, group) for group in GROUPS}


def _parameter(group: str) -> str:
    return f"{DATABASE}/{group}"


def _settings(kind: type[Any], group: str) -> Any:
    given = read_settings(kind)
    if given.database_url != StoreUrl(parameter=DATABASE):
        return given
    return replace(given, database_url=StoreUrl(parameter=_parameter(group)))
