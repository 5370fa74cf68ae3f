"""A fake of the job's projections, without servers."""

from dataclasses import dataclass, field
from datetime import datetime

from mediagen.jobs.job import Job
from mediagen.lifecycle.projection import Projection


@dataclass
class Screen(Projection):
    """Records projections and completions."""

    shown: list[Job] = field(default_factory=list)
    heard: list[Job] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def expect_end(self, job_id: str) -> None:
        """Record the announcement of a completion."""
        self.expected.append(job_id)

    def show(self, job: Job) -> None:
        self.shown.append(job)

    def outdate(self, epoch: datetime) -> None:
        pass

    def ended(self, job: Job, *, now: datetime) -> None:
        """Record a completion after its projection."""
        assert self.shown[-1] is job
        assert job.completed_at == now
        self.heard.append(job)
