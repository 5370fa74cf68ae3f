"""Storage of predictions, and their bill."""

import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from replicate_simulator.billing import MICRO_DOLLAR
from replicate_simulator.predictions import Prediction


class Store:
    """Every prediction since the last reset; each has its own time of creation, so it can be a cursor."""

    def __init__(self) -> None:
        self._all: dict[str, Prediction] = {}
        self._last = datetime.min.replace(tzinfo=UTC)
        self._lock = threading.Lock()

    def add(self, prediction: Prediction) -> None:
        with self._lock:
            at = max(prediction.created_at, self._last + timedelta(microseconds=1))
            prediction.created_at = self._last = at
            self._all[prediction.id] = prediction

    def get(self, prediction_id: str) -> Prediction | None:
        return self._all.get(prediction_id)

    def newest_first(self) -> list[Prediction]:
        with self._lock:
            return list(reversed(self._all.values()))

    def billed(self) -> dict[str, Any]:
        """Return counts and charges, in total and for each job; dollars are decimal strings."""
        predictions = self.newest_first()
        jobs: dict[str, list[Prediction]] = {}
        for prediction in predictions:
            if prediction.job:
                jobs.setdefault(prediction.job, []).append(prediction)
        return _bill(predictions) | {"jobs": {job: _bill(of_job) for job, of_job in jobs.items()}}

    def clear(self) -> Mapping[str, Prediction]:
        """Remove all predictions and return them."""
        with self._lock:
            forgotten, self._all = self._all, {}
            self._last = datetime.min.replace(tzinfo=UTC)
            return forgotten


def _bill(predictions: Sequence[Prediction]) -> dict[str, Any]:
    return {
        "created": len(predictions),
        "billable": sum(prediction.billable for prediction in predictions),
        "dollars": in_text(sum((prediction.dollars for prediction in predictions), Decimal(0))),
    }


def in_text(dollars: Decimal) -> str:
    return str(dollars.quantize(MICRO_DOLLAR))
