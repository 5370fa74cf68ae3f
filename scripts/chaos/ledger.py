"""The requests sent to the API and its answers, recorded on the client's side, where no fault can change them."""

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
    """A request with its idempotency key, the time when it was first sent, and every answer to it."""

    key: str
    phase: str
    at: float
    answers: Counter[str] = field(default_factory=Counter)
    job_ids: set[str] = field(default_factory=set)
    accepted_at: float | None = None

    @property
    def refused(self) -> int:
        """Count the answers that ask for a retry."""
        return sum(count for answer, count in self.answers.items() if answer in RETRYABLE)

    @property
    def wrong(self) -> list[str]:
        """List the answers that no injected fault may cause."""
        return [answer for answer in self.answers if answer not in {*RETRYABLE, UNANSWERED, "202"}]


class Ledger:
    """All offers, by phase."""

    def __init__(self) -> None:
        self._offers: list[Offer] = []
        self._lock = threading.Lock()
        self.phase = ""

    def add(self, offer: Offer) -> None:
        """Record an offer before it is sent."""
        with self._lock:
            self._offers.append(offer)

    def offers(self, phase: str | None = None) -> list[Offer]:
        """List all offers, or those of one phase."""
        with self._lock:
            return [offer for offer in self._offers if phase in (None, offer.phase)]

    def accepted_since(self, moment: float) -> float | None:
        """Return when the first offer made after `moment` was accepted; None if none was accepted yet."""
        return min(
            (offer.accepted_at for offer in self.offers() if offer.accepted_at and offer.at >= moment), default=None
        )

    @contextmanager
    def during(self, phase: str) -> Iterator[None]:
        """Record the offers made in the block under this phase."""
        self.phase = phase
        yield


class Listener(ApiClient):
    """A client that counts every answer to its offer, also those that lead to a retry."""

    def __init__(self, api_url: str, api_key: str, offer: Offer) -> None:
        super().__init__(api_url, api_key)
        self._offer = offer

    def request(
        self, method: str, path: str, *, data: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Response:
        try:
            answer = super().request(method, path, data=data, headers=headers)
        except HTTPError:
            self._offer.answers[UNANSWERED] += 1
            raise
        self._offer.answers[str(answer.status)] += 1
        return answer
