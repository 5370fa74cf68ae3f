"""The tables of prices and assumptions, as they are read from their files."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
MONTH_HOURS = 730  # as AWS reckons
MONTH_SECONDS = MONTH_HOURS * 3600


class UnknownPrice(ValueError):
    """A size that the price table does not have."""


@dataclass(frozen=True)
class Source:
    """The source of a price; `verified` means AWS's own list, also as quoted elsewhere."""

    verified: bool
    what: str


@dataclass(frozen=True)
class Price:
    """Dollars for one unit."""

    usd: float
    per: str
    source: str


@dataclass(frozen=True)
class SizedPrices:
    """Numbers for each size of a server."""

    source: str
    sizes: dict[str, dict[str, float]]

    def __getitem__(self, size: str) -> dict[str, float]:
        """Give the numbers of a size. Raises UnknownPrice."""
        if size not in self.sizes:
            known = ", ".join(self.sizes)
            raise UnknownPrice(f"{size} has no price: add it to scripts/cost/prices.toml ({known} are there)")
        return self.sizes[size]


@dataclass(frozen=True)
class Prices:
    """The price table."""

    date: str
    region: str
    sources: dict[str, Source]
    single: dict[str, Price]
    database: SizedPrices
    cache: SizedPrices

    def __getitem__(self, name: str) -> float:
        """Give the dollars of a unit."""
        return self.single[name].usd


@cache
def prices() -> Prices:
    """Read the price table."""
    read = _read("prices.toml")
    return Prices(
        read["date"],
        read["region"],
        {name: Source(**source) for name, source in read["sources"].items()},
        {name: Price(**price) for name, price in read["prices"].items()},
        SizedPrices(**read["database"]),
        SizedPrices(**read["cache"]),
    )


@cache
def assumptions() -> dict[str, Any]:
    """Read the assumptions about a generation and an idle month."""
    return {section: {name: _value(told) for name, told in group.items()} for section, group in explained().items()}


@cache
def explained() -> dict[str, dict[str, Any]]:
    """Read the assumptions with their reasons."""
    return _read("assumptions.toml")


def _value(told: Any) -> Any:
    return told.get("is", told) if isinstance(told, dict) else told


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((HERE / name).read_text())
