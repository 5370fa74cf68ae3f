"""Handler of `check_replicate_status`."""

from functools import cache
from typing import Any

from check_replicate_status import wiring
from check_replicate_status.flow import check_replicate_status
from check_replicate_status.ports import Ports
from check_replicate_status.wiring import Settings
from mediagen import worker
from mediagen.http import edge
from mediagen.settings import read_settings
from mediagen.times import utc_now
from mediagen.wiring import preload

preload.load("redis", "pg8000", "urllib3")


@cache
def ports() -> Ports:
    """Return the dependencies of the flow."""
    return wiring.ports(read_settings(Settings))


def lambda_handler(_event: edge.Event, context: Any) -> dict[str, int]:
    """Run every five minutes."""

    def seconds_left() -> float:
        return float(context.get_remaining_time_in_millis()) / 1000

    return worker.task(
        "check_replicate_status",
        lambda: check_replicate_status(clock=utc_now, seconds_left=seconds_left, ports=ports()),
    )
