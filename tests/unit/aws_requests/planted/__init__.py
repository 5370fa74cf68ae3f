"""Mistakes that AWS refuses, each planted in a recording that AWS accepts."""

from unit.aws_requests.planted import (
    on_api,
    on_applied_stores,
    on_applies,
    on_caches,
    on_callers,
    on_databases,
    on_event_sources,
    on_functions,
    on_monitoring,
    on_network,
    on_queues,
    on_roles,
    on_services,
    on_storage,
    on_tables,
    on_unseen,
    on_unseen_api,
    on_unseen_stores,
)

_FILES = (
    on_functions,
    on_event_sources,
    on_queues,
    on_api,
    on_monitoring,
    on_roles,
    on_callers,
    on_tables,
    on_storage,
    on_databases,
    on_caches,
    on_network,
    on_services,
    on_applied_stores,
    on_applies,
    on_unseen,
    on_unseen_api,
    on_unseen_stores,
)

PLANTED = [planted for file in _FILES for planted in file.PLANTED]
