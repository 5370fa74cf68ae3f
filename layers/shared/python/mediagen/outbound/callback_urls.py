"""The address a client wants to be told at, checked when it is given; it is checked again at each delivery."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Self

from mediagen.errors.refusals import FieldError, InvalidFields
from mediagen.http.validation import invalid_fields
from mediagen.outbound.addresses import AddressRefused, PublicHosts, Resolve, check_url, system_addresses, within

TOGETHER_SECONDS = 10.0  # for the look-ups of a whole batch, whose function has 30
RESOLVE_SECONDS = 3.0  # the client waits; resolvers answer in milliseconds, or after trying a second server
FIELD = "callbackUrl"


@dataclass(frozen=True, slots=True)
class CallbackUrls:
    """Which addresses are taken; for tests another resolver and clock. `ends`: when the time of all checks is over."""

    rules: PublicHosts
    resolve: Resolve = system_addresses
    monotonic: Callable[[], float] = field(default=time.monotonic)
    ends: float = math.inf

    def together(self) -> Self:
        """Return these for many checks that share their time: a hundred slow hosts take no longer than four."""
        return replace(self, ends=self.monotonic() + TOGETHER_SECONDS)

    def check(self, url: str | None) -> None:
        """Raise InvalidFields for an address that callbacks will not be sent to."""
        if url is None:
            return
        ends = min(self.monotonic() + RESOLVE_SECONDS, self.ends)
        try:
            check_url(url, self.rules, within(lambda: ends - self.monotonic(), self.resolve))
        except AddressRefused as refused:
            raise _refusal("not_allowed", f"{FIELD} is refused: {refused}.") from refused
        except OSError as unknown:
            raise _refusal("unknown_host", f"The host of {FIELD} has no address.") from unknown


def _refusal(code: str, message: str) -> InvalidFields:
    allowed = "https://name/path, to a public name on port 443, without credentials"
    return invalid_fields([FieldError(FIELD, code, message, allowed)])
