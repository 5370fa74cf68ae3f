"""TLS contexts shared by a container's clients, because loading the system's roots takes 20 to 34 ms of CPU time."""

import ssl
from collections.abc import Iterable
from functools import cache


class _Context(ssl.SSLContext):
    def set_alpn_protocols(self, alpn_protocols: Iterable[str]) -> None:
        """Offer no protocol: urllib3 would set http/1.1, which PostgreSQL 17 refuses, and HTTP/1.1 needs no offer."""


@cache
def tls_context(roots: str | None = None) -> ssl.SSLContext:
    """Return a context that verifies servers by the system's roots, or only by the roots in a PEM file."""
    context = _Context(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VERIFY_X509_STRICT  # as ssl.create_default_context
    if roots:
        context.load_verify_locations(roots)
    else:
        context.load_default_certs()
    return context
