"""The client reaches API names below .localhost and sends its key to the API only."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from common.api import ApiClient, reachable


class Echo(BaseHTTPRequestHandler):
    """Returns the Host and Authorization headers; 404 below /missing."""

    def do_GET(self) -> None:
        body = f"{self.headers['host']} {self.headers['authorization']}".encode()
        self.send_response(404 if self.path.startswith("/missing") else 200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@pytest.fixture
def client(port: int) -> Iterator[ApiClient]:
    with ApiClient(f"http://abc.execute-api.localhost:{port}/", "key") as client:
        yield client


def test_a_name_below_localhost_is_sent_as_host_to_this_machine(client: ApiClient, port: int) -> None:
    answer = client.get("/status/1")
    assert answer.status == 200
    assert answer.body.decode() == f"abc.execute-api.localhost:{port} Bearer key"


def test_the_key_is_not_sent_to_other_addresses(client: ApiClient, port: int) -> None:
    assert client.get(f"http://127.0.0.1:{port}/file").body.decode() == f"127.0.0.1:{port} None"


def test_a_download_is_saved(client: ApiClient, port: int, tmp_path: Path) -> None:
    assert client.download(f"http://media.localhost:{port}/x", tmp_path / "x") == 200
    assert (tmp_path / "x").read_text() == f"media.localhost:{port} None"


def test_a_download_that_is_refused_leaves_no_file(client: ApiClient, port: int, tmp_path: Path) -> None:
    assert client.download(f"http://127.0.0.1:{port}/missing", tmp_path / "x") == 404
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", ["https://example.com/a", "http://127.0.0.1:1/a", "http://localhost:1/a"])
def test_other_addresses_are_left_as_they_are(url: str) -> None:
    assert reachable(url) == (url, {})
