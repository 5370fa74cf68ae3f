"""Handler of `show_api`."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from mediagen.http import edge
from show_api.flow import Shown, page, show

FOLDER = Path(__file__).parent
DOCUMENT = FOLDER / "document.json"  # docs/openapi.json, put here by the build


@dataclass(frozen=True, slots=True)
class Settings:
    """The environment of this function: empty."""


@cache
def shown() -> Mapping[str, Shown]:
    """Return the texts by route."""
    template, style, script = ((FOLDER / f"page.{kind}").read_text("utf-8") for kind in ("html", "css", "js"))
    document = Shown(DOCUMENT.read_text("utf-8"), "application/json")
    return {"GET /openapi.json": document, "GET /docs": page(template, style, script)}


def lambda_handler(event: edge.Event, _context: Any) -> dict[str, object]:
    """Answer GET /openapi.json and GET /docs."""
    return edge.http(event, lambda request: show(request, shown()[event["routeKey"]]))
