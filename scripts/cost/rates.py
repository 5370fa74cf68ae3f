"""Prices that the idle month and the generations share: invocations, logs, traces."""

from collections.abc import Callable
from dataclasses import dataclass

from cost.sizes import Sizes
from cost.tables import MONTH_HOURS, assumptions, prices

NOT_SNAPPED = {"process_webhook"}  # Lambda takes no snapshot of a function with more than 512 MB of /tmp


@dataclass(frozen=True)
class Item:
    """A line of the bill: `why` it is there, and its dollars in an environment."""

    resource: str
    why: str
    usd: Callable[[Sizes], float]


def invocation(sizes: Sizes, function: str, seconds: float) -> float:
    """Price one invocation of a function."""
    gb = sizes.memory_gb[function]
    started = gb * seconds * prices()[f"lambda_{sizes.values['architecture']}_gb_second"]
    if sizes.values["functions"]["snap_start"] and function not in NOT_SNAPPED:
        started += gb * assumptions()["generation"]["cold_starts"] * prices()["snap_start_restore_gb"]
    return float(started + prices()["lambda_request_million"] / 1e6)


def logged(sizes: Sizes, gb: float) -> float:
    """Price logs: taken in once, then kept for as long as the environment says."""
    months = sizes.values["logs"]["retention_days"] * 24 / MONTH_HOURS
    kept = assumptions()["idle"]["log_compression"] * months * prices()["log_gb_month"]
    return float(gb * (prices()["log_gb"] + kept))


def traced(sizes: Sizes, invocations: float) -> float:
    """Price the traces of some invocations, all of them recorded."""
    return float(sizes.values["functions"]["tracing"] * invocations / 1e6 * prices()["trace_million"])
