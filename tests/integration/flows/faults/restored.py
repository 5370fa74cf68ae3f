"""Traces of what a restore of PostgreSQL took back: the jobs for which other promises hold than before."""

from dataclasses import dataclass, field


@dataclass
class Restored:
    """Ids of jobs: gone with their rows; shown again without their files; completed by then, with files in the bucket.

    The third are the strictest case: whatever Replicate has deleted meanwhile, they must complete again.
    """

    lost: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    completed: set[str] = field(default_factory=set)

    def clear(self) -> None:
        for ids in (self.lost, self.deleted, self.completed):
            ids.clear()
