"""The API describes itself over HTTP: the document, its page, and its health."""

import pytest

from common.api import ApiClient
from contract.answers import DOCUMENT
from e2e.parts import Platform


@pytest.fixture
def anybody(platform: Platform) -> ApiClient:
    return ApiClient(platform.environment.api_url)


def test_the_document_is_public_and_revalidates_with_304(anybody: ApiClient) -> None:
    answer = anybody.get("/openapi.json")
    assert (answer.status, answer.body) == (200, DOCUMENT.read_bytes())
    assert anybody.get("/openapi.json", {"if-none-match": answer.headers["etag"]}).status == 304


def test_the_page_comes_as_html_with_its_policy(anybody: ApiClient) -> None:
    answer = anybody.get("/docs")
    assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; ")


def test_the_shallow_health_check_is_public(anybody: ApiClient) -> None:
    answer = anybody.get("/health")
    assert (answer.status, answer.json()["status"], len(answer.json()["release"])) == (200, "ok", 12)


def test_the_deep_health_check_needs_a_key(platform: Platform, anybody: ApiClient) -> None:
    assert anybody.get("/health?deep=1").status == 401
    answer = platform.client.get("/health?deep=1")
    assert (answer.status, answer.json()["status"]) == (200, "ok"), answer.body
    assert set(answer.json()["parts"]) == {"database", "cache", "jobTable", "mediaBucket", "replicate"}
