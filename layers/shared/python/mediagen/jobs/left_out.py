"""Outputs of a completed job that were not stored, with the reason: the client paid for them and is informed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# By code: what a client reads.
REASONS = {
    "media_expired": "The generated file was deleted before it could be stored.",
    "output_host_refused": "The file is on a host that this service does not download from.",
    "output_not_media": "The file is empty, or a web page instead of a file.",
    "output_too_large": "The file is larger than the limit of this service.",
    "output_unavailable": "The file could not be downloaded before Replicate deleted it.",
    "too_many_outputs": "The result has more files than this service stores per job.",
}


@dataclass(frozen=True, slots=True)
class LeftOut:
    """`count` consecutive outputs from `position` on. Positions count from 1 in the order of the model's output."""

    position: int
    code: str
    count: int = 1

    def document(self) -> dict[str, object]:
        """Return it as the API shows it."""
        return self.row() | {"message": REASONS[self.code]}

    def row(self) -> dict[str, object]:
        """Return it as PostgreSQL stores it."""
        return {"position": self.position, "count": self.count, "code": self.code}


def read_left_out(row: Mapping[str, Any]) -> LeftOut:
    """Parse a stored row."""
    return LeftOut(position=row["position"], code=row["code"], count=row["count"])
