"""What was offered to the API and what its clients were told: the one account that no fault can touch."""

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from urllib3.exceptions import HTTPError

from common.api import ApiClient, Response

UNANSWERED = "unanswered"
RETRYABLE = {"429", "500", "502", "503", "504"}


@dataclass
class Offer:
    """A request with its idempotency key: when it was first sent, and every answer there was to it."""

    key: str
    phase: str
    at: float
    answers: Counter[str] = field(default_factory=Counter)
    job_ids: set[str] = field(default_factory=set)
    accepted_at: float | None = None

    @property
    def refused(self) -> int:
        """Count the answers that say: ask again."""
        return sum(count for answer, count in self.answers.items() if answer in RETRYABLE)

    @property
    def wrong(self) -> list[str]:
        """List the answers that no fault of ours may cause."""
        return [answer for answer in self.answers if answer not in {*RETRYABLE, UNANSWERED, "202"}]


class Ledger:
    """All offers, in the phases in which they were made."""

    def __init__(self) -> None:
        self._offers: list[Offer] = []
        self._lock = threading.Lock()
        self.phase = ""

    def add(self, offer: Offer) -> None:
        """Enter an offer before it is sent."""
        with self._lock:
            self._offers.append(offer)

    def offers(self, phase: str | None = None) -> list[Offer]:
        """List them all, or those of a phase."""
        with self._lock:
            return [offer for offer in self._offers if phase in (None, offer.phase)]

    def accepted_since(self, moment: float) -> float | None:
        """Tell when the first offer was accepted that was made after a moment; None: none was yet."""
        return min(
            (offer.accepted_at for offer in self.offers() if offer.accepted_at and offer.at >= moment), default=None
        )

    @contextmanager
    def during(self, phase: str) -> Iterator[None]:
        """Enter what is offered in the block under this name."""
        self.phase = phase
        yield


class Listener(ApiClient):
    """A client that counts every answer to its offer, also those that its caller tries again after."""

    def __init__(self, api_url: str, api_key: str, offer: Offer) -> None:
        super().__init__(api_url, api_key)
        self._offer = offer

    def request(
        self, method: str, path: str, *, data: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Response:
        """Send a request."""
        try:
            answer = super().request(method, path, data=data, headers=headers)
        except HTTPError:
            self._offer.answers[UNANSWERED] += 1
            raise
        self._offer.answers[str(answer.status)] += 1
        return answer
