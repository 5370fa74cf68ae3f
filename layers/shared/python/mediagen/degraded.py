"""Best effort: a part whose failure must not stop the work is logged, counted and passed over."""

from types import TracebackType
from typing import Self

from mediagen import log


class degraded:
    """Log and count an exception of the block, and go on after it.

    `succeeded` is False from the moment at which the block failed. Exceptions that end a process are not caught.
    """

    __slots__ = ("_part", "_subject", "succeeded")

    def __init__(self, part: str, *, subject: log.Subject = log.NOBODY) -> None:
        self._part = part
        self._subject = subject
        self.succeeded = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _at: TracebackType | None
    ) -> bool:
        if not isinstance(error, Exception):
            return False
        self.succeeded = False
        log.degraded(self._part, error, subject=self._subject)
        return True
