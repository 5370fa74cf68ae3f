"""Handler of `get_batch`."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from get_batch.flow import get_batch
from mediagen.http import edge
from mediagen.records.batches import BatchRecords
from mediagen.settings import StoreUrl, read_settings
from mediagen.wiring import clients, preload

preload.load("pg8000")


@dataclass(frozen=True, slots=True)
class Settings:
    """The environment of this function."""

    database_url: StoreUrl


@cache
def batches() -> BatchRecords:
    """Return the dependencies of the flow."""
    return clients.batch_records(read_settings(Settings).database_url)


def lambda_handler(event: edge.Event, _context: Any) -> dict[str, object]:
    """Answer GET /batches/{batchId}."""
    return edge.http(event, lambda request: get_batch(request, batches=batches()))
