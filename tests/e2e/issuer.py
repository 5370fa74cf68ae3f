"""A local OpenID issuer: keys at the standard's address, and tokens signed with RS256."""

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

AUDIENCE = "https://media.example.com"
KEY_ID = "key-1"


class Issuer:
    """Signs tokens; `url` is the `iss` in them."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._other = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def documents(self) -> dict[str, Any]:
        numbers = self._key.public_key().public_numbers()
        n, e = (_base64url(number.to_bytes((number.bit_length() + 7) // 8)) for number in (numbers.n, numbers.e))
        return {
            "/.well-known/openid-configuration": {"issuer": self.url, "jwks_uri": f"{self.url}/keys"},
            "/keys": {"keys": [{"kty": "RSA", "alg": "RS256", "use": "sig", "kid": KEY_ID, "n": n, "e": e}]},
        }

    def token(self, subject: str, *, is_forged: bool = False, **claims: object) -> str:
        """Make a token that is valid for five minutes, unless the claims say otherwise."""
        now = int(time.time())
        usual = {"iss": self.url, "sub": subject, "aud": AUDIENCE, "iat": now - 1, "exp": now + 300}
        parts = [{"alg": "RS256", "typ": "JWT", "kid": KEY_ID}, usual | claims]
        content = ".".join(_base64url(json.dumps(part).encode()) for part in parts)
        key = self._other if is_forged else self._key
        return f"{content}.{_base64url(key.sign(content.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


@contextmanager
def running_issuer() -> Iterator[Issuer]:
    """Serve an issuer's documents on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            document = issuer.documents().get(self.path)
            self.send_response(200 if document else 404)
            self.end_headers()
            self.wfile.write(json.dumps(document).encode())

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer = Issuer(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
