"""TLS in front of a PostgreSQL without TLS (the wheel's server is built without it); a client sees no difference.

The front answers the client's SSLRequest (PostgreSQL's documentation, "SSL Session Encryption"), does the handshake,
and passes the plain bytes on to the real server.
"""

import socket
import socketserver
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

from integration.wire import PIECE, running
from rds_proxy.certificates import Authority

__all__ = ["Authority", "tls_front"]

SSL_REQUEST = bytes.fromhex("0000000804d2162f")


@contextmanager
def tls_front(target_url: str, certificate: Path | None) -> Iterator[int]:
    """Add TLS with this certificate in front of a URL's PostgreSQL (None: refuse TLS); yield the port."""
    parts = urlsplit(target_url)

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            assert self.request.recv(len(SSL_REQUEST), socket.MSG_WAITALL) == SSL_REQUEST
            if certificate is None:
                self.request.sendall(b"N")
                return
            self.request.sendall(b"S")
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            try:
                client = context.wrap_socket(self.request, server_side=True)
            except OSError:
                return  # the client does not trust the certificate
            with client, socket.create_connection((parts.hostname or "", parts.port or 0)) as server:
                back = Thread(target=_pour, args=(server, client), daemon=True)
                back.start()
                _pour(client, server)
                back.join()

    with running(Handler) as port:
        yield port


def _pour(source: socket.socket, target: socket.socket) -> None:
    try:
        while piece := source.recv(PIECE):
            target.sendall(piece)
    except OSError:
        pass
    with suppress(OSError):  # each side sees the close at once; SSLSocket's own method is in use
        socket.socket.shutdown(target, socket.SHUT_RDWR)
