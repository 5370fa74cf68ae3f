"""TLS before a PostgreSQL that has none: the wheel's server is built without it, a client cannot tell.

The front answers the client's SSLRequest (PostgreSQL's documentation, "SSL Session Encryption"), does the handshake,
and passes the plain bytes on to the real server.
"""

import datetime
import ipaddress
import socket
import socketserver
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from integration.wire import PIECE, running

SSL_REQUEST = bytes.fromhex("0000000804d2162f")
DAY = datetime.timedelta(days=1)


class Authority:
    """A certificate authority of our own, and the server certificates it makes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Test authority")])
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        own = self._certificate(self._name, self._key.public_key(), None)
        own = own.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        self.root = self._write("root.pem", own.add_extension(usage, critical=True))

    def server(self, host: str, *, ended: bool = False) -> Path:
        """Make a certificate for a host name or address; gives a file with its key and itself."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
        builder = self._certificate(name, key.public_key(), host, ended=ended)
        file = self._write(f"{host}-{ended}.pem", builder)
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        file.write_bytes(secret + file.read_bytes())
        return file

    def _certificate(
        self, name: x509.Name, key: ec.EllipticCurvePublicKey, host: str | None, *, ended: bool = False
    ) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - 2 * DAY)
            .not_valid_after(now - DAY if ended else now + DAY)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        )
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = builder.add_extension(authority, critical=False)
        return builder.add_extension(x509.SubjectAlternativeName([_alternative(host)]), False) if host else builder

    def _write(self, file_name: str, builder: x509.CertificateBuilder) -> Path:
        file = self._folder / file_name
        file.write_bytes(builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
        return file


def _alternative(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


@contextmanager
def tls_front(target_url: str, certificate: Path | None) -> Iterator[int]:
    """Speak TLS with this certificate (None: refuse to) before the PostgreSQL of a URL; gives the port."""
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
                return  # the client does not trust us
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
    with suppress(OSError):  # each side learns at once that the other has gone; not SSLSocket's own, it is in use
        socket.socket.shutdown(target, socket.SHUT_RDWR)
