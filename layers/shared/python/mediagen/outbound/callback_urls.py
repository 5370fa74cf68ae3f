"""A client's callback URL, checked when it is given and again at each delivery."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Self

from mediagen.errors.refusals import FieldError, InvalidFields
from mediagen.http.validation import invalid_fields
from mediagen.outbound.addresses import AddressRefused, PublicHosts, Resolve, check_url, system_addresses, within

TOGETHER_SECONDS = 10.0  # for the look-ups of a whole batch; its function has 30 s
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
        """Return a copy for many checks that share one time limit: a hundred slow hosts take as long as four."""
        return replace(self, ends=self.monotonic() + TOGETHER_SECONDS)

    def check(self, url: str | None) -> None:
        """Raise InvalidFields for a URL to which callbacks will not be sent."""
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
