"""The epoch of PostgreSQL: a point-in-time restore begins a new one, and outdates projections of older rows.

An epoch is the time at which it began, in whole seconds; 1970 if the database was never restored. A projection's
revision carries the epoch, so every projection of a later epoch is newer than every one of an earlier epoch.
"""

from datetime import UTC, datetime

NEVER_RESTORED = datetime.fromtimestamp(0, UTC)
REVISIONS = 1_000_000  # of one job: about ten; with it the figure stays below 2^53, which Redis's Lua reads exactly


def projected_revision(revision: int, epoch: datetime) -> int:
    """Return the revision that a job's projection carries."""
    return int(epoch.timestamp()) * REVISIONS + revision


def epoch_seconds(projected: int) -> int:
    """Return the epoch in which a projection was written."""
    return projected // REVISIONS
