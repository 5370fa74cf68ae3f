"""Tables for people."""

from collections.abc import Sequence

type Row = Sequence[str]


def table(rows: Sequence[Row]) -> list[str]:
    """Line up columns."""
    if not rows:
        return []
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return [line.rstrip() for line in lines]
