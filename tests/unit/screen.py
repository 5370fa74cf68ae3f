"""Where jobs are shown, for rules that need no server."""

from dataclasses import dataclass, field
from datetime import datetime

from mediagen.jobs.job import Job
from mediagen.lifecycle.projection import Projection


@dataclass
class Screen(Projection):
    """Keeps what was shown, and what ended."""

    shown: list[Job] = field(default_factory=list)
    heard: list[Job] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def expect_end(self, job_id: str) -> None:
        """Hear that a job is about to end, before it does."""
        self.expected.append(job_id)

    def show(self, job: Job) -> None:
        self.shown.append(job)

    def outdate(self, epoch: datetime) -> None:
        pass

    def ended(self, job: Job, *, now: datetime) -> None:
        """Hear of an end, which was shown before."""
        assert self.shown[-1] is job
        assert job.completed_at == now
        self.heard.append(job)
