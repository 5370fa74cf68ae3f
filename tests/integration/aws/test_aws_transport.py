"""Bytes on the wire for a large file, and for a server whose certificate is not trusted."""

import hashlib
import ssl
import threading
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from mediagen.aws.credentials import Credentials
from mediagen.aws.errors import ANSWER_LOST, AwsError
from mediagen.aws.media_bucket import MediaBucket
from mediagen.aws.settings import Aws
from mediagen.tls import tls_context

FILE_BYTES = 200 * 1024 * 1024
MOST_BYTES = 5 * 1024 * 1024


@dataclass
class Received:
    """Sizes of the received bodies, whose content is not kept."""

    bytes: int = 0
    sha256: str = ""
    headers: dict[str, str] = field(default_factory=dict)


def server_of(received: Received) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self) -> None:
            received.headers = dict(self.headers.items())
            digest = hashlib.sha256()
            left = int(self.headers["Content-Length"])
            while left and (block := self.rfile.read(min(left, 1024 * 1024))):
                digest.update(block)
                left -= len(block)
                received.bytes += len(block)
            received.sha256 = digest.hexdigest()
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            """Ignore clients that do not trust the certificate."""

    return Server(("127.0.0.1", 0), Handler)


def serving(server: ThreadingHTTPServer, scheme: str) -> Iterator[Aws]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    endpoint = f"{scheme}://127.0.0.1:{server.server_port}"
    signer = Credentials("test", "test")
    yield Aws("eu-west-1", lambda: signer, {"AWS_ENDPOINT_URL": endpoint}, sleep=lambda _: None)
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def received() -> Received:
    return Received()


@pytest.fixture
def plain(received: Received) -> Iterator[Aws]:
    yield from serving(server_of(received), "http")


@pytest.fixture
def encrypted(received: Received, certificate: Path) -> Iterator[Aws]:
    server = server_of(received)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    yield from serving(server, "https")


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Write a key and a self-signed certificate for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    made = (
        x509.CertificateBuilder(who, who, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(hours=1))
        .not_valid_after(datetime.now(UTC) + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    key_text = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = tmp_path / "certificate.pem"
    file.write_bytes(key_text + made.public_bytes(encoding))
    return file


@pytest.fixture
def fresh_tls_context() -> Iterator[None]:
    tls_context.cache_clear()
    yield
    tls_context.cache_clear()


def test_a_file_of_200_mb_is_sent_in_a_few_mb_of_memory(plain: Aws, received: Received, tmp_path: Path) -> None:
    file = tmp_path / "original.mp4"
    with file.open("wb") as sparse:
        sparse.truncate(FILE_BYTES)
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    bucket = MediaBucket(plain, "media")
    bucket.put(b"imports and connections are no part of it", "first", content_type="text/plain")
    received.bytes = 0
    tracemalloc.start()
    try:
        bucket.upload(file, "videos/original.mp4", content_type="video/mp4", sha256=digest)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MOST_BYTES
    assert (received.bytes, received.sha256) == (FILE_BYTES, digest)
    assert received.headers["X-Amz-Content-SHA256"] == digest
    assert received.headers["Content-Length"] == str(FILE_BYTES)
    assert "Transfer-Encoding" not in received.headers


@pytest.mark.usefixtures("fresh_tls_context")
def test_a_server_without_a_trusted_certificate_gets_no_request(encrypted: Aws, received: Received) -> None:
    with pytest.raises(AwsError, match=r"SSLError|SSLCertVerificationError") as caught:
        MediaBucket(encrypted, "media").put(b"x", "key", content_type="text/plain")
    assert caught.value.code == ANSWER_LOST
    assert received.headers == {}


@pytest.mark.usefixtures("fresh_tls_context")
def test_a_server_that_the_systems_store_trusts_is_called(
    encrypted: Aws, received: Received, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    MediaBucket(encrypted, "media").put(b"x" * 1_000_000, "key", content_type="text/plain")
    assert received.bytes == 1_000_000
