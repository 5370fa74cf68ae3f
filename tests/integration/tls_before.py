"""TLS in front of a server that has none."""

import socket
import socketserver
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

from elasticache.front import server_context
from integration.wire import PIECE, running


@contextmanager
def tls_before(target_url: str, certificate: Path) -> Iterator[int]:
    """Forward all bytes to the server of a URL; yield the port."""
    parts, context = urlsplit(target_url), server_context(str(certificate))

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with (
                context.wrap_socket(self.request, server_side=True) as client,
                socket.create_connection((parts.hostname or "", parts.port or 0)) as server,
            ):
                back = Thread(target=_pour, args=(server, client), daemon=True)
                back.start()
                _pour(client, server)
                back.join()

    with running(Handler) as port:
        yield port


def _pour(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(PIECE):
            target.sendall(piece)
    with suppress(OSError):  # not SSLSocket's own method, which the other thread uses
        socket.socket.shutdown(target, socket.SHUT_RDWR)
