"""The epoch: a restore of PostgreSQL to an earlier moment begins a new one, and outdates what was made of older rows.

It is the moment at which it began, in whole seconds; 1970 if the database was never restored. Projections carry it in
their revision, so that each projection of a later epoch counts as newer than every one of an earlier epoch.
"""

from datetime import UTC, datetime

NEVER_RESTORED = datetime.fromtimestamp(0, UTC)
REVISIONS = 1_000_000  # of one job: about ten; with it the figure stays below 2^53, which Redis's Lua reads exactly


def projected_revision(revision: int, epoch: datetime) -> int:
    """Return the revision that a projection of a job carries."""
    return int(epoch.timestamp()) * REVISIONS + revision


def epoch_seconds(projected: int) -> int:
    """Return the epoch that a projection was made in."""
    return projected // REVISIONS
