"""Serve the OpenAPI document, and a page that renders it without requests to any other host."""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from mediagen.http.edge import Request, Response

KEEP = "public, max-age=300"
_ENTITY_TAG = re.compile(r'(?:W/)?("[^"]*")')


@dataclass(frozen=True, slots=True)
class Shown:
    """A text to serve, with its type and headers."""

    text: str
    content_type: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def tag(self) -> str:
        """Name this text, byte for byte."""
        return f'"{hashlib.sha256(self.text.encode()).hexdigest()[:32]}"'


def show(request: Request, shown: Shown) -> Response:
    """Answer with a text, or with 304 if the client has it."""
    headers = {"ETag": shown.tag, "Cache-Control": KEEP}
    known = request.headers.get("if-none-match", "")
    if known.strip() == "*" or shown.tag in _ENTITY_TAG.findall(known):
        return Response(HTTPStatus.NOT_MODIFIED, {}, headers)
    return Response(200, {}, {**headers, **shown.headers}, shown.text, shown.content_type)


def page(template: str, style: str, script: str) -> Shown:
    """Return the page with a policy that allows its own script, its own style and this API only."""
    text = template.replace("/* style */", style).replace("/* script */", script)
    policy = "; ".join(
        [
            "default-src 'none'",
            f"script-src '{_digest(script)}'",
            f"style-src '{_digest(style)}'",
            "connect-src 'self'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        ]
    )
    headers = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }
    return Shown(text, "text/html; charset=utf-8", headers)


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
