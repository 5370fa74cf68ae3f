"""Each function's memory, timeout and imports, in the order of the flow. A new function gets one line here."""

from typing import NamedTuple

# The layer's distributions that importing a handler loads besides mediagen: those that the first request of a container
# needs anyway, because INIT has two processors (ADR 30), and no others. A change here changes the cold start (ms,
# measured: urllib3 50, pg8000 57, redis 88).
NOTHING: frozenset[str] = frozenset()
HTTP = frozenset({"urllib3"})
REDIS = frozenset({"redis"})
POSTGRESQL = frozenset({"asn1crypto", "dateutil", "pg8000", "scramp", "six"})


class Expected(NamedTuple):
    memory_mb: int
    timeout_seconds: int
    loaded: frozenset[str]


FUNCTIONS = {
    "authorize": Expected(256, 5, REDIS | POSTGRESQL),
    "generate_media": Expected(1024, 30, REDIS | POSTGRESQL | HTTP),
    "generate_batch": Expected(1024, 30, REDIS | POSTGRESQL | HTTP),
    "submit_job": Expected(512, 60, REDIS | POSTGRESQL | HTTP),
    "receive_webhook": Expected(256, 10, HTTP),
    "process_webhook": Expected(2048, 300, REDIS | POSTGRESQL | HTTP),
    "deliver_callback": Expected(512, 30, POSTGRESQL | HTTP),
    "get_status": Expected(512, 25, REDIS | HTTP),
    "get_batch": Expected(512, 10, POSTGRESQL),
    "list_jobs": Expected(512, 10, POSTGRESQL),
    "list_models": Expected(256, 10, REDIS),
    "cancel_job": Expected(512, 15, REDIS | POSTGRESQL | HTTP),
    "retry_job": Expected(1024, 30, REDIS | POSTGRESQL | HTTP),
    "delete_job": Expected(512, 28, REDIS | POSTGRESQL | HTTP),
    "manage_callbacks": Expected(256, 10, POSTGRESQL),
    "get_usage": Expected(512, 10, POSTGRESQL),
    "show_api": Expected(256, 5, NOTHING),
    "check_health": Expected(256, 15, REDIS | POSTGRESQL | HTTP),
    "check_replicate_status": Expected(1024, 240, REDIS | POSTGRESQL | HTTP),
    "apply_migrations": Expected(512, 300, POSTGRESQL | HTTP),
    "manage_access": Expected(256, 30, REDIS | POSTGRESQL),
}
