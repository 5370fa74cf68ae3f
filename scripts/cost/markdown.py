"""Tables in Markdown."""

from collections.abc import Iterable, Sequence

type Row = Sequence[str | float]


def table(heads: Sequence[str], rows: Iterable[Row], *, numbers: int = 0, digits: int = 2) -> str:
    """Write a table; the last columns are numbers, set to the right. `digits` after the point of those not yet text."""
    words = len(heads) - numbers
    lines = [heads, ["---"] * words + ["---:"] * numbers, *rows]
    return "".join(f"| {' | '.join(_cell(cell, digits) for cell in line)} |\n" for line in lines)


def exactly(number: float) -> str:
    """Write a number with all its digits, never as a power of ten."""
    return f"{number:,.12f}".rstrip("0").rstrip(".")


def _cell(cell: str | float, digits: int) -> str:
    return cell if isinstance(cell, str) else f"{cell:.{digits}f}"
