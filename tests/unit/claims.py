"""A fake of the idempotency keys in memory."""

from dataclasses import dataclass

from mediagen.errors.refusals import IdempotencyKeyReused
from mediagen.jobs.idempotency import Claim
from mediagen.records.claims import ClaimRecords
from unit.samples import Records


@dataclass
class Claims(ClaimRecords):
    """The idempotency keys of some records."""

    records: Records
    unseen: int = 0  # the first lookups happen before another request's commit

    def find(self, claim: Claim) -> str | None:
        """Return the job that a request has created."""
        found = self.records.claims.get((claim.user_id, claim.key))
        if self.unseen or found is None:
            self.unseen -= 1 if self.unseen else 0
            return None
        if found[0].fingerprint != claim.fingerprint:
            raise IdempotencyKeyReused("Another body.")
        return found[1]
