"""Charges of Replicate: a price for each unit of a run, counted from the run's metrics."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

MICRO_DOLLAR = Decimal("0.000001")  # as numeric(12, 6) of our own records
# The metric that counts each unit.
METRICS = {
    "image": "image_output_count",
    "run_second": "predict_time",
    "video_second": "video_output_duration_seconds",
}


def output_metrics(kind: str, inputs: Mapping[str, Any], made: int) -> dict[str, Any]:
    """Return the metrics of an official model that made some outputs."""
    if kind == "image":
        return {"image_count": made, "image_output_count": made}
    return {
        "video_output_count": made,
        "video_output_duration_seconds": made * inputs["duration"],
        "with_audio": inputs["generate_audio"],
        "resolution_target": inputs["resolution"],
    }


@dataclass(frozen=True)
class Billing:
    """The price of one unit, and how long a run takes on Replicate's hardware if that is the unit.

    `by` names the metric that the price depends on; `prices` has one for each of its values, as text. `seconds` maps
    `fixed` to seconds, a numeric input to seconds for each of it, and any other input to a table.
    """

    unit: str
    prices: Mapping[str, Decimal]
    by: str | None = None
    seconds: Mapping[str, Any] | None = None

    @classmethod
    def read(cls, entry: Mapping[str, Any]) -> "Billing":
        """Return the billing of an entry of models.json."""
        prices = entry.get("prices", {"": entry.get("price")})
        decimals = {value: Decimal(price) for value, price in prices.items()}
        return cls(entry["unit"], decimals, entry.get("by"), entry.get("seconds"))

    @property
    def price(self) -> Decimal:
        """The price of a unit; the first one if it depends on a metric."""
        return next(iter(self.prices.values()))

    def run_seconds(self, values: Mapping[str, Any]) -> float | None:
        """Return how long a whole run with these inputs takes; None if the price does not depend on it."""
        if self.seconds is None:
            return None
        return round(sum(_seconds(values.get(name), each) for name, each in self.seconds.items()), 6)

    def units(self, metrics: Mapping[str, Any]) -> Decimal:
        return Decimal(str(metrics.get(METRICS[self.unit], 0)))

    def dollars(self, metrics: Mapping[str, Any]) -> Decimal:
        """Return the charge of a run with these metrics, rounded to a millionth of a dollar."""
        price = self.price if self.by is None else self.prices[str(metrics[self.by])]
        return (price * self.units(metrics)).quantize(MICRO_DOLLAR)


def _seconds(value: Any, each: Any) -> float:
    if isinstance(each, Mapping):
        return float(each[value])
    return float(each) if value is None else float(each) * float(value)
