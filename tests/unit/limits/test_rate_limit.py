"""A user's hourly requests: arguments of the limiter, and the meaning of its answer."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest

from mediagen.errors.refusals import RateLimited
from mediagen.limits.quota import Quota
from mediagen.limits.rate_limit import spend
from unit.conftest import Logged
from unit.samples import NOW

ADMITTED, REFUSED = Quota(5, 0, 1, NOW), Quota(5, 0, 5, NOW, is_admitted=False)


@dataclass
class Limiter:
    """Records its calls."""

    answer: Quota | None
    asked: list[Any] = field(default_factory=list)

    def spend(self, user_id: str, now: datetime, *, limit: int, once: str | None = None) -> Quota | None:
        self.asked.append((user_id, now, limit, once))
        return self.answer

    def give_back(self, user_id: str, spent_at: datetime, *, once: str | None = None) -> None:
        pass

    def look(self, user_id: str, now: datetime, *, limit: int) -> Quota | None:
        return self.answer


@pytest.mark.parametrize("answer", [ADMITTED, None])
@pytest.mark.parametrize("once", ["key-1", None])
def test_repeated_requests_are_counted_by_their_shared_id(answer: Quota | None, once: str | None) -> None:
    limiter = Limiter(answer)
    assert spend("user-1", once, now=NOW, limiter=limiter, limit=5) is answer
    assert limiter.asked == [("user-1", NOW, 5, once)]


def test_a_refusal_has_a_retry_after_and_the_log_has_the_count(logged: Logged) -> None:
    with pytest.raises(RateLimited) as caught:
        spend("user-1", None, now=NOW, limiter=Limiter(REFUSED), limit=5)
    assert (caught.value.retry_after_seconds, caught.value.headers) == (REFUSED.seconds_to_next, REFUSED.headers())
    [line] = logged()
    assert (line["action"], line["userId"], line["metadata"]) == ("request.rate_limited", "user-1", {"count": 5})
