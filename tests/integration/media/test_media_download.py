"""Downloads from a real HTTP server that misbehaves."""

import gzip
import hashlib
from pathlib import Path
from threading import Event

import pytest

from integration.media.fetching import LIMIT, PICTURE, fetch, refused, unavailable, within
from integration.media.file_host import FileHost, Reply, body, file_host, raw, redirect
from mediagen.media.download import Download, Source, download
from mediagen.media.errors import OutputUnavailable
from mediagen.media.file_types import GZIP
from mediagen.media.types import PNG
from mediagen.outbound.addresses import HostRules

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


def chunk(content: bytes) -> bytes:
    return f"{len(content):x}\r\n".encode() + content + b"\r\n"


@pytest.mark.parametrize(
    "reply",
    [
        body(PICTURE),
        body(PICTURE, {"Content-Type": "application/octet-stream"}),
        raw(OK + b"\r\n" + PICTURE),
        raw(b"HTTP/1.0 200 OK\r\n\r\n" + PICTURE),
        raw(CHUNKED + chunk(PICTURE[:1000]) + chunk(PICTURE[1000:]) + b"0\r\n\r\n"),
    ],
)
def test_a_file_arrives_whole_with_its_checksum(host: FileHost, tmp_path: Path, reply: Reply) -> None:
    result = fetch(host, host.serve("/a.png?x=y", reply), tmp_path)
    assert result.path.read_bytes() == PICTURE
    assert result == Download(tmp_path / "file", len(PICTURE), hashlib.sha256(PICTURE).hexdigest(), PNG)


def test_a_request_carries_no_credential_and_asks_for_plain_bytes(host: FileHost, tmp_path: Path) -> None:
    host.serve("/b.png", body(PICTURE))
    fetch(host, host.serve("/a.png", redirect("/b.png")), tmp_path)
    assert [path for path, _ in host.requests] == ["/a.png", "/b.png"]
    for _, headers in host.requests:
        assert set(headers) == {"host", "accept", "accept-encoding", "user-agent"}
        assert headers["accept-encoding"] == "identity"
        assert headers["host"] == f"127.0.0.1:{host.port}"


def test_the_next_address_is_tried_where_nobody_listens(host: FileHost, tmp_path: Path) -> None:
    rules = HostRules.parse([host.origin("files.test")])
    source = Source(rules, resolve=lambda name: ["127.0.0.9", "127.0.0.1"])
    url = host.serve("/a.png", body(PICTURE), "files.test")
    result = download(url, tmp_path / "file", source=source, limit_bytes=LIMIT, seconds_left=within(30))
    assert result.bytes == len(PICTURE)


@pytest.mark.parametrize(
    "reply",
    [
        body(PICTURE),
        raw(OK + b"\r\n" + PICTURE),
        raw(CHUNKED + chunk(PICTURE) + b"0\r\n\r\n"),
        raw(OK + f"Content-Length: {LIMIT * 1000}\r\n\r\n".encode()),
    ],
)
def test_a_file_over_the_limit_is_refused_whatever_its_length_says(
    host: FileHost, tmp_path: Path, reply: Reply
) -> None:
    url = host.serve("/a.png", reply)
    assert refused(host, url, tmp_path, limit=len(PICTURE) - 1) == "output_too_large"


def test_an_endless_file_is_refused_at_the_limit(host: FileHost, tmp_path: Path) -> None:
    url = host.serve("/a.png", host.drip(OK + b"\r\n" + PICTURE, bytes(100_000)))
    assert refused(host, url, tmp_path) == "output_too_large"


def test_a_file_of_exactly_the_limit_passes(host: FileHost, tmp_path: Path) -> None:
    url = host.serve("/a.png", body(PICTURE))
    assert fetch(host, url, tmp_path, limit=len(PICTURE)).bytes == len(PICTURE)


@pytest.mark.parametrize(
    "content",
    [
        OK + f"Content-Length: {len(PICTURE) + 1}\r\n\r\n".encode() + PICTURE,
        OK + b"Content-Length: 10\r\nContent-Length: 11\r\n\r\n" + PICTURE,
        CHUNKED + chunk(PICTURE),
        CHUNKED + chunk(PICTURE)[:-500],
        CHUNKED + b"not hexadecimal\r\n",
        OK,
        b"",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 100_000 + b"\r\n\r\n",
    ],
)
def test_a_body_or_a_head_that_breaks_off_is_tried_again(host: FileHost, tmp_path: Path, content: bytes) -> None:
    unavailable(host, host.serve("/a.png", raw(content)), tmp_path)


def test_a_file_that_says_it_is_empty_is_no_media(host: FileHost, tmp_path: Path) -> None:
    assert refused(host, host.serve("/a.png", raw(OK + b"Content-Length: 0\r\n\r\n")), tmp_path) == "output_not_media"


def test_a_body_longer_than_it_says_ends_where_it_says(host: FileHost, tmp_path: Path) -> None:
    url = host.serve("/a.png", body(PICTURE, {"Content-Length": "1000"}))
    assert fetch(host, url, tmp_path).bytes == 1000


@pytest.mark.parametrize("status", [404, 410])
def test_a_file_that_is_gone_is_gone(host: FileHost, tmp_path: Path, status: int) -> None:
    assert refused(host, host.serve("/a.png", body(b"no", status=status)), tmp_path) == "media_expired"


@pytest.mark.parametrize("status", [204, 206, 300, 304, 400, 401, 403, 408, 429, 500, 502, 503, 504])
def test_any_other_status_may_change(host: FileHost, tmp_path: Path, status: int) -> None:
    assert str(status) in unavailable(host, host.serve("/a.png", body(b"", status=status)), tmp_path)


@pytest.mark.parametrize(
    ("start", "drop"),
    [
        (OK + b"Content-Length: 1000000\r\n\r\n", b"x"),
        (OK + b"\r\n", b"x"),
        (b"HTTP/1.0 200 OK\r\n\r\n", b"x"),
        (CHUNKED, b"1\r\nx\r\n"),
        (CHUNKED, b"0"),
        (OK, b"X-Header: y\r\n"),
        (OK + b"X-Header: ", b"y"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
)
def test_a_slow_drip_ends_with_the_time_of_the_download(
    host: FileHost, tmp_path: Path, start: bytes, drop: bytes
) -> None:
    unavailable(host, host.serve("/a.png", host.drip(start, drop)), tmp_path, seconds=0.3)


@pytest.mark.parametrize("start", [b"", OK, OK + b"Content-Length: 100\r\n\r\nabc", OK + b"\r\nabc"])
def test_silence_ends_with_the_time_of_the_download(host: FileHost, tmp_path: Path, start: bytes) -> None:
    unavailable(host, host.serve("/a.png", host.silence(start)), tmp_path, seconds=0.3)


def test_nothing_is_asked_when_no_time_is_left(host: FileHost, tmp_path: Path) -> None:
    assert "TimeoutError" in unavailable(host, host.serve("/a.png", body(PICTURE)), tmp_path, seconds=0)
    assert host.requests == []


def test_a_host_that_does_not_answer_or_exist_is_tried_again(tmp_path: Path) -> None:
    with file_host() as gone:
        url = gone.serve("/a.png", body(PICTURE))
    unavailable(gone, url, tmp_path)

    def unknown(name: str) -> list[str]:
        raise OSError("unknown name")

    source = Source(HostRules.parse(["replicate.delivery"]), resolve=unknown)
    with pytest.raises(OutputUnavailable, match="OSError"):
        download(
            "https://replicate.delivery/a.png",
            tmp_path / "file",
            source=source,
            limit_bytes=LIMIT,
            seconds_left=within(30),
        )


def test_a_name_that_is_looked_up_without_end_ends_with_the_time_of_the_download(tmp_path: Path) -> None:
    over = Event()

    def never(_: str) -> list[str]:
        over.wait(30)
        return ["127.0.0.1"]

    source = Source(HostRules.parse(["replicate.delivery"]), resolve=never)
    url = "https://replicate.delivery/a.png"
    with pytest.raises(OutputUnavailable, match="TimeoutError"):
        download(url, tmp_path / "file", source=source, limit_bytes=LIMIT, seconds_left=within(0.3))
    over.set()


def test_compressed_content_is_never_unpacked(host: FileHost, tmp_path: Path) -> None:
    packed = body(gzip.compress(PICTURE), {"Content-Encoding": "gzip"})
    assert fetch(host, host.serve("/a.png", packed), tmp_path).media_type == GZIP
    mislabelled = body(PICTURE, {"Content-Encoding": "gzip"})
    assert fetch(host, host.serve("/a.png", mislabelled), tmp_path).path.read_bytes() == PICTURE


@pytest.mark.parametrize("content", [b"<html>sorry</html>", b"\xef\xbb\xbf\n<!-- x --><!DOCTYPE HTML><p>sorry"])
def test_a_web_page_is_refused_whatever_the_server_calls_it(host: FileHost, tmp_path: Path, content: bytes) -> None:
    url = host.serve("/a.png", body(content, {"Content-Type": "image/png"}))
    assert refused(host, url, tmp_path) == "output_not_media"
