"""Views of a prediction by GET and the list: late, out of date, or contradicting its webhook."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from replicate_simulator.fault_names import CONTRADICTING_ERROR
from replicate_simulator.predictions import Prediction, now

_UNTIL_COMPLETED = ("completed_at", "metrics")

type Document = dict[str, Any]


def is_shown(prediction: Prediction, route: str) -> bool:
    """Return whether a route (`get` or `list`) shows the prediction yet."""
    return not _is_within(prediction, f"{route}-lag", prediction.created_at)


def seen(prediction: Prediction, document: Document, route: str) -> Document:
    """Return a prediction as a route (`get` or `list`) shows it."""
    if prediction.completed_at is None:
        return document
    if _is_within(prediction, f"{route}-stale", prediction.completed_at):
        kept = {name: value for name, value in document.items() if name not in _UNTIL_COMPLETED}
        return kept | {"status": "processing", "output": None, "error": None}
    fault = prediction.faults.get(f"{route}-contradicts")
    if fault is not None:
        error = CONTRADICTING_ERROR if fault["status"] == "failed" else None
        return document | {"status": fault["status"], "output": None, "error": error}
    return document


def before_its_end(document: Document) -> Document:
    """Return a success as `Prefer: wait` answers it: with its output, and not yet as ended."""
    if document["status"] != "succeeded":
        return document
    return {name: value for name, value in document.items() if name not in _UNTIL_COMPLETED} | {"status": "processing"}


def malformed(document: Document, options: Mapping[str, Any]) -> Any:
    """Return a list item that lacks a field, or null instead of an item."""
    if options["without"] is None:
        return None
    return {name: value for name, value in document.items() if name != options["without"]}


def _is_within(prediction: Prediction, fault: str, since: datetime) -> bool:
    seconds = float(prediction.faults.get(fault, {"seconds": 0})["seconds"])
    return now() < since + timedelta(seconds=seconds)
