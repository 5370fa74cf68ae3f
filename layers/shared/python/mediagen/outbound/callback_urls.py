"""A client's callback URL, checked when it is given and again at each delivery."""

import math
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Self

from mediagen import log
from mediagen.errors.refusals import FieldError, InvalidFields
from mediagen.http.validation import invalid_fields
from mediagen.outbound.addresses import AddressRefused, PublicHosts, Resolve, check_url, look_up, system_addresses

TOGETHER_SECONDS = 10.0  # for the look-ups of a whole batch; its function has 30 s
RESOLVE_SECONDS = 3.0  # the client waits; resolvers answer in milliseconds, or after trying a second server
FAST_SECONDS = 0.2  # a look-up that takes longer needs one of its user's slots
SLOW_LOOKUPS = 4  # of a user at the same time; a refused request counts against no other limit
FIELD = "callbackUrl"


@dataclass(slots=True)
class Turn:
    """Whether the look-ups of a request may still take time."""

    may_wait: bool = True


class NotAwaited(Exception):
    """Raised for a slow look-up if the user has too many of them."""


@dataclass(frozen=True, slots=True)
class CallbackUrls:
    """Which addresses are taken; for tests another resolver and clock. `ends`: when the time of all checks is over.

    `place`: holds one of a user's places for slow look-ups; `turn`: shared by the checks of a batch.
    """

    rules: PublicHosts
    resolve: Resolve = system_addresses
    monotonic: Callable[[], float] = field(default=time.monotonic)
    ends: float = math.inf
    place: Callable[[str], AbstractContextManager[bool]] = field(default=lambda _user_id: nullcontext(True))
    turn: Turn | None = None

    def together(self) -> Self:
        """Return a copy for many checks that share one time limit: a hundred slow hosts take as long as four."""
        return replace(self, ends=self.monotonic() + TOGETHER_SECONDS, turn=Turn())

    def check(self, url: str | None, user_id: str) -> None:
        """Raise InvalidFields for a URL to which callbacks will not be sent.

        If the user has too many slow look-ups, the host is not checked here. Each delivery checks it.
        """
        if url is None:
            return
        ends = min(self.monotonic() + RESOLVE_SECONDS, self.ends)
        try:
            check_url(url, self.rules, partial(self._addresses, user_id=user_id, ends=ends))
        except AddressRefused as refused:
            raise _refusal("not_allowed", f"{FIELD} is refused: {refused}.") from refused
        except OSError as unknown:
            raise _refusal("unknown_host", f"The host of {FIELD} has no address.") from unknown
        except NotAwaited:
            log.event("callback_url.unchecked", subject=log.Subject(user_id=user_id))

    def _addresses(self, host: str, *, user_id: str, ends: float) -> Sequence[str]:
        answer, turn = look_up(host, self.resolve), self.turn or Turn()

        def within(seconds: float) -> Sequence[str]:
            return answer.result(timeout=max(0.0, min(seconds, ends - self.monotonic())))

        with suppress(TimeoutError):
            return within(FAST_SECONDS if turn.may_wait else 0.0)
        with self.place(user_id) if turn.may_wait else nullcontext(False) as turn.may_wait:
            if turn.may_wait:
                return within(RESOLVE_SECONDS)
        raise NotAwaited


def _refusal(code: str, message: str) -> InvalidFields:
    allowed = "https://name/path, to a public name on port 443, without credentials"
    return invalid_fields([FieldError(FIELD, code, message, allowed)])
