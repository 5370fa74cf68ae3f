"""A user's hourly quota: a sliding counter of two fixed windows.

The count is the current hour's requests plus the part of the last hour's that a sliding hour still covers, rounded
down, as if they had come evenly. A refused caller waits for an hour at most. Headers:
https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

WINDOW_SECONDS = 60 * 60
_WINDOW = WINDOW_SECONDS * 1000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def position(now: datetime) -> tuple[int, int]:
    """Return the number of the current window, and the milliseconds that have passed in it."""
    return divmod((now - _EPOCH) // timedelta(milliseconds=1), _WINDOW)


@dataclass(frozen=True, slots=True)
class Quota:
    """A user's counts in the last and the current window, including this request if it was admitted."""

    limit: int
    last: int
    current: int
    at: datetime
    is_admitted: bool = True

    @property
    def remaining(self) -> int:
        """Return how many more requests would be admitted now."""
        passed = position(self.at)[1]
        return max(0, self.limit - self.current - self.last * (_WINDOW - passed) // _WINDOW)

    @property
    def seconds_to_next(self) -> int:
        """Return the seconds until one more request would be admitted, if none is now and none comes in between."""
        passed = position(self.at)[1]
        if self.current < self.limit:  # as soon as enough of the last window has slid out
            milliseconds = _fitting(self.last, self.limit - self.current) - passed
        else:  # not in this window; in the next one this one is the last
            milliseconds = _WINDOW - passed + _fitting(self.current, self.limit)
        return max(1, -(-milliseconds // 1000))

    def headers(self) -> dict[str, str]:
        """Return the rate limit headers. `t` is the time until the next unit, or until the current hour ends."""
        rest = -(-(_WINDOW - position(self.at)[1]) // 1000)
        seconds = rest if self.remaining else self.seconds_to_next
        return {
            "RateLimit-Policy": f'"hour";q={self.limit};w={WINDOW_SECONDS}',
            "RateLimit": f'"hour";r={self.remaining};t={seconds}',
        }


def _fitting(last: int, room: int) -> int:
    """Return after how many milliseconds of a window less than `room` of the last window's count still applies."""
    return max(0, _WINDOW + 1 + -room * _WINDOW // last)
