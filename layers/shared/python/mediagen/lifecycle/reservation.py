"""Things that are reserved for jobs before they are recorded: units of the hourly limit, probes of models."""

from collections.abc import Callable, Iterable, Sequence
from typing import Self

from mediagen.jobs.job import Job


class Reservation:
    """Release the reservations of all jobs at the end of the block, except those of jobs that were kept."""

    def __init__(self, jobs: Sequence[Job], release: Callable[[Job], object]) -> None:
        self._jobs = jobs
        self._release = release
        self._kept: set[str] = set()

    def keep(self, job_ids: Iterable[str]) -> None:
        """Keep the reservations of these jobs: they are recorded."""
        self._kept.update(job_ids)

    @property
    def released(self) -> list[Job]:
        """The jobs whose reservations the end of the block releases."""
        return [job for job in self._jobs if job.id not in self._kept]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        for job in self.released:
            self._release(job)
