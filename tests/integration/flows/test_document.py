"""GET /openapi.json and GET /docs return the committed document and a page that embeds it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from contract.answers import DOCUMENT
from integration.flows.events import Context, http_event
from show_api import handler


@pytest.fixture(autouse=True)
def built(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put the document where the build puts it."""
    monkeypatch.setattr(handler, "DOCUMENT", DOCUMENT)
    handler.shown.cache_clear()
    yield
    handler.shown.cache_clear()


def ask(path: str, **headers: str) -> Any:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return handler.lambda_handler(http_event(f"GET {path}", path, headers=given), Context(5))


def test_the_document_is_the_committed_one_and_needs_no_key() -> None:
    answer = ask("/openapi.json")
    assert (answer["statusCode"], answer["headers"]["Content-Type"]) == (200, "application/json")
    assert json.loads(answer["body"]) == json.loads(DOCUMENT.read_text())


@pytest.mark.parametrize("path", ["/openapi.json", "/docs"])
def test_a_client_with_the_current_document_gets_304(path: str) -> None:
    tag = ask(path)["headers"]["ETag"]
    assert ask(path, If_None_Match=tag)["statusCode"] == 304


def test_the_page_is_html_with_a_strict_policy() -> None:
    answer = ask("/docs")
    assert answer["headers"]["Content-Type"] == "text/html; charset=utf-8"
    assert answer["headers"]["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert answer["body"].startswith("<!doctype html>")
