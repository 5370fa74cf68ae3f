"""What Replicate charges: a price for each unit of a run, counted from the run's metrics."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

MICRO_DOLLAR = Decimal("0.000001")  # as numeric(12, 6) of our own records
# The metric that counts each unit.
METRICS = {"image": "image_output_count", "run_second": "predict_time"}


@dataclass(frozen=True)
class Billing:
    """The price of one unit, and how long a run takes on Replicate's hardware if that is the unit.

    `seconds` maps `fixed` to seconds, a numeric input to seconds for each of it, and any other input to a table.
    """

    unit: str
    price: Decimal
    seconds: Mapping[str, Any] | None = None

    @classmethod
    def read(cls, entry: Mapping[str, Any]) -> "Billing":
        """Return the billing of an entry of models.json."""
        return cls(entry["unit"], Decimal(entry["price"]), entry.get("seconds"))

    def run_seconds(self, values: Mapping[str, Any]) -> float | None:
        """Return how long a whole run with these inputs takes; None if the price does not depend on it."""
        if self.seconds is None:
            return None
        return round(sum(_seconds(values.get(name), each) for name, each in self.seconds.items()), 6)

    def units(self, metrics: Mapping[str, Any]) -> Decimal:
        return Decimal(str(metrics.get(METRICS[self.unit], 0)))

    def dollars(self, metrics: Mapping[str, Any]) -> Decimal:
        """Return the charge of a run with these metrics, rounded to a millionth of a dollar."""
        return (self.price * self.units(metrics)).quantize(MICRO_DOLLAR)


def _seconds(value: Any, each: Any) -> float:
    if isinstance(each, Mapping):
        return float(each[value])
    return float(each) if value is None else float(each) * float(value)
