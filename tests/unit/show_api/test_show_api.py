"""The document and its page: cache validation, and no foreign scripts."""

import base64
import hashlib
import re
from pathlib import Path

import pytest

from mediagen.http.edge import Request
from show_api import flow, handler
from show_api.flow import Shown, page, show

FOLDER = Path(flow.__file__).parent
SCRIPT = (FOLDER / "page.js").read_text()
STYLE = (FOLDER / "page.css").read_text()
PAGE = page((FOLDER / "page.html").read_text(), STYLE, SCRIPT)
POLICY = PAGE.headers["Content-Security-Policy"]


def request(**headers: str) -> Request:
    """Make a request; `_` in the names of headers stands for `-`."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request(given, {}, {}, b"", "", "r")


def test_a_text_is_shown_as_it_is_and_may_be_kept() -> None:
    answer = show(request(), Shown('{"a": 1}', "application/json"))
    assert (answer.status, answer.text, answer.content_type) == (200, '{"a": 1}', "application/json")
    assert answer.headers == {"ETag": answer.headers["ETag"], "Cache-Control": "public, max-age=300"}


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
def test_a_client_with_the_current_text_gets_304(form: str) -> None:
    shown = Shown("text", "text/plain")
    answer = show(request(if_none_match=form.format(shown.tag)), shown)
    assert (answer.status, answer.text, answer.headers["ETag"]) == (304, None, shown.tag)


def test_another_text_has_another_tag() -> None:
    assert Shown("a", "text/plain").tag != Shown("b", "text/plain").tag
    assert show(request(if_none_match=Shown("a", "x").tag), Shown("b", "x")).status == 200


def test_the_page_may_run_its_own_script_and_wear_its_own_style_and_nothing_else() -> None:
    allowed = dict(part.split(" ", 1) for part in POLICY.split("; "))
    assert allowed["default-src"] == "'none'"
    assert allowed["connect-src"] == "'self'"
    [script] = re.findall(r"<script>(.*?)</script>", PAGE.text, re.DOTALL)
    [style] = re.findall(r"<style>(.*?)</style>", PAGE.text, re.DOTALL)
    assert allowed["script-src"] == f"'sha256-{digest(script)}'"
    assert allowed["style-src"] == f"'sha256-{digest(style)}'"
    assert "unsafe" not in POLICY


def digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def test_the_page_names_no_other_host_and_has_no_way_to_take_text_for_html() -> None:
    assert not re.search(r"https?://", PAGE.text)
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\b", SCRIPT)
    assert not re.search(r"\sstyle=|\son\w+=", (FOLDER / "page.html").read_text())


def test_each_route_shows_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    document = tmp_path / "document.json"
    document.write_text("{}")
    monkeypatch.setattr(handler, "DOCUMENT", document)
    handler.shown.cache_clear()
    kinds = {route: shown.content_type for route, shown in handler.shown().items()}
    handler.shown.cache_clear()
    assert kinds == {"GET /openapi.json": "application/json", "GET /docs": "text/html; charset=utf-8"}
