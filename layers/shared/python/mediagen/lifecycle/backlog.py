"""Work through a backlog, batch by batch, while time is left."""

from collections.abc import Callable, Iterator, Sequence


def batches[T](take: Callable[[], Sequence[T]], *, full: int, has_time: Callable[[], bool]) -> Iterator[Sequence[T]]:
    """Yield batches until one is not full, which is the last, or until no time is left."""
    while has_time():
        taken = take()
        if taken:
            yield taken
        if len(taken) < full:
            return
