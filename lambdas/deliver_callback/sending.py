"""Send one callback to a checked address within ten seconds, and read little more than the status."""

import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException
from socket import gaierror

from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError

from mediagen.outbound.addresses import AddressRefused, PublicHosts, Resolve, check_url, system_addresses, within
from mediagen.outbound.http_exchange import CannotConnect, Outgoing, exchange

SECONDS = 10.0  # for the look-up, the connection and the answer together
HEARD_BYTES = 4096  # of the answer: read and dropped, so that the connection closes in order


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answered status, or our code if there was none."""

    status_code: int | None = None
    error: str | None = None

    @property
    def is_delivered(self) -> bool:
        """Whether the receiver accepted it: any 2xx."""
        return self.status_code is not None and self.status_code // 100 == 2

    @property
    def is_unwanted(self) -> bool:
        """Whether the receiver asks for no further attempts."""
        return self.status_code == HTTPStatus.GONE


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends callbacks. Tests replace the resolver, the trusted roots and the clock."""

    rules: PublicHosts
    monotonic: Callable[[], float]
    resolve: Resolve = system_addresses
    tls: ssl.SSLContext | None = None
    seconds: float = SECONDS

    def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        """Make one attempt. Redirects are not followed: the client did not register their targets."""
        ends = self.monotonic() + self.seconds
        status = None

        def left() -> float:
            return ends - self.monotonic()

        try:
            destination = check_url(url, self.rules, within(left, self.resolve))
            outgoing = Outgoing("POST", headers, body)
            with exchange(outgoing, destination, tls=self.tls, seconds_left=left, read_seconds=self.seconds) as answer:
                if left() <= 0:  # http.client takes headers that were cut for whole ones
                    raise TimeoutError
                status = answer.status
                hear(answer)
        except (AddressRefused, HTTPError, HTTPException, OSError) as error:
            if status is None:
                return Outcome(error="timed_out" if left() <= 0 else _code(error))
        return Outcome(status)


def hear(answer: BaseHTTPResponse) -> None:
    """Read a little of the body. Errors in it do not change the status."""
    left = HEARD_BYTES
    with suppress(HTTPError, HTTPException, OSError):
        while left and (piece := answer.read1(left)):
            left -= len(piece)


def _code(error: Exception) -> str:
    """Return our code for an error; other texts may quote anything."""
    if isinstance(error, AddressRefused):
        return "address_refused"
    if isinstance(error, gaierror):
        return "unknown_host"
    if isinstance(error, ssl.SSLError):
        return "tls_failed"
    if isinstance(error, CannotConnect):
        return "connection_failed"
    return "timed_out" if isinstance(error, TimeoutError) else "no_answer"
