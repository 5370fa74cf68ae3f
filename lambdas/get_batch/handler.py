"""Edge of `get_batch`."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from get_batch.flow import get_batch
from mediagen import edge, first_request, wiring
from mediagen.records.batches import BatchRecords
from mediagen.settings import StoreUrl, read_settings

first_request.load("pg8000")


@dataclass(frozen=True, slots=True)
class Settings:
    """The environment of this function."""

    database_url: StoreUrl


@cache
def batches() -> BatchRecords:
    """Connect the flow."""
    return wiring.batch_records(read_settings(Settings).database_url)


def lambda_handler(event: edge.Event, _context: Any) -> dict[str, object]:
    """Answer GET /batches/{batchId}."""
    return edge.http(event, lambda request: get_batch(request, batches=batches()))
