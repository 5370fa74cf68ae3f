"""Servers that lie about sizes, send zip bombs, never finish, or break the protocol."""

import gzip
import socket
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integration.media.certificates import authority
from integration.media.fetching import LIMIT, PICTURE, fetch, refused, unavailable, within
from integration.media.file_host import DRIP_SECONDS, FileHost, body, raw
from mediagen.media.download import Source, download
from mediagen.media.errors import OutputRefused, OutputUnavailable
from mediagen.outbound.addresses import HostRules

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
BOMB = PICTURE[:33] + bytes(50_000_000)
MANY = b"9" * 5000  # more digits than Python parses
LENGTHS = [b"-1", b"+5", b"1_0", b" 0x10", b"1e9", b"1,1", b"1, 2", b"\xb2", MANY, b"9" * 20, b"", b"10; a=b"]
SIZES = [
    b"-5\r\nabc\r\n",
    b"+5\r\nabcde\r\n",
    b"5_0\r\n",
    b"f" * 9000 + b"\r\n",
    b"f" * 20 + b"\r\nab",
    b"\r\n",
]
CODINGS = ["gzip", "deflate", "br", "zstd", "compress", "gzip, gzip, gzip", "identity", "\xff"]


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("coding", [b"", b"Transfer-Encoding: chunked\r\n"], ids=["plain", "chunked"])
def test_a_length_that_is_none_is_not_believed(host: FileHost, tmp_path: Path, length: bytes, coding: bytes) -> None:
    content = b"c0\r\n" + PICTURE[:192] + b"\r\n0\r\n\r\n" if coding else PICTURE
    url = host.serve("/a.png", raw(OK + coding + b"Content-Length: " + length + b"\r\n\r\n" + content))
    try:
        copied = fetch(host, url, tmp_path)
    except (OutputRefused, OutputUnavailable):
        assert not (tmp_path / "file").exists()
    else:
        assert copied.path.read_bytes() == (PICTURE[:192] if coding else PICTURE)


def test_a_length_beside_chunks_does_not_shorten_or_stretch_them(host: FileHost, tmp_path: Path) -> None:
    chunks = b"c0\r\n" + PICTURE[:192] + b"\r\n0\r\n\r\n"
    for length in (b"10", b"1000000"):
        head = OK + b"Content-Length: " + length + b"\r\nTransfer-Encoding: chunked\r\n\r\n"
        assert fetch(host, host.serve("/a.png", raw(head + chunks)), tmp_path).bytes == 192


@pytest.mark.parametrize("size", SIZES)
def test_a_chunk_of_no_size_ends_the_download(host: FileHost, tmp_path: Path, size: bytes) -> None:
    url = host.serve("/a.png", raw(CHUNKED + b"c0\r\n" + PICTURE[:192] + b"\r\n" + size))
    unavailable(host, url, tmp_path)


def test_a_chunk_that_says_it_is_huge_is_refused_at_the_limit(host: FileHost, tmp_path: Path) -> None:
    url = host.serve("/a.png", host.drip(CHUNKED + b"ffffffffff\r\n" + PICTURE, bytes(100_000)))
    assert refused(host, url, tmp_path) == "output_too_large"


def test_chunks_without_end_are_refused_at_the_limit(host: FileHost, tmp_path: Path) -> None:
    url = host.serve("/a.png", host.drip(CHUNKED, b"%x\r\n" % len(PICTURE) + PICTURE + b"\r\n"))
    assert refused(host, url, tmp_path) == "output_too_large"


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])
def test_a_bomb_is_no_larger_here_than_on_the_wire(host: FileHost, tmp_path: Path, coding: str, pack: object) -> None:
    assert callable(pack)
    packed = pack(BOMB)
    url = host.serve("/a.png", body(packed, {"Content-Encoding": coding}))
    assert fetch(host, url, tmp_path).bytes == len(packed)


@pytest.mark.parametrize("coding", CODINGS)
def test_what_is_not_packed_is_taken_as_it_is_whatever_it_is_called(
    host: FileHost, tmp_path: Path, coding: str
) -> None:
    url = host.serve("/a.png", body(PICTURE, {"Content-Encoding": coding}))
    assert fetch(host, url, tmp_path).path.read_bytes() == PICTURE


@pytest.mark.parametrize("coding", [b"gzip", b"gzip, chunked", b"chunked, chunked", b"deflate", b"x"])
def test_a_bomb_packed_for_the_way_is_not_unpacked_either(host: FileHost, tmp_path: Path, coding: bytes) -> None:
    packed = gzip.compress(BOMB)
    chunks = b"%x\r\n" % len(packed) + packed + b"\r\n0\r\n\r\n"
    with pytest.raises((OutputRefused, OutputUnavailable)):
        fetch(host, host.serve("/a.png", raw(OK + b"Transfer-Encoding: " + coding + b"\r\n\r\n" + chunks)), tmp_path)
    assert not (tmp_path / "file").exists()


@pytest.mark.parametrize(
    "head",
    [
        b"".join(b"X-%d: y\r\n" % number for number in range(5000)),
        b"X: " + b"y" * 1_000_000 + b"\r\n",
        b"y" * 1_000_000,
        b"X: y\r\n" + b" folded\r\n" * 100_000,
    ],
    ids=["thousands", "one that is long", "no end of a line", "folded"],
)
def test_heads_without_measure_are_not_read_to_their_end(host: FileHost, tmp_path: Path, head: bytes) -> None:
    unavailable(host, host.serve("/a.png", raw(OK + head + b"\r\n" + PICTURE)), tmp_path)


def test_a_status_line_without_end_is_not_read_to_its_end(host: FileHost, tmp_path: Path) -> None:
    unavailable(host, host.serve("/a.png", raw(b"HTTP/1.1 200 " + b"O" * 1_000_000)), tmp_path)


@contextmanager
def tcp_server(start: bytes, drop: bytes) -> Iterator[int]:
    """Listen on a free port; send `start`, then `drop` repeatedly, whatever the client sends."""
    closing = Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            channel, _ = server.accept()
            with channel:
                try:
                    channel.sendall(start)
                    while not closing.wait(DRIP_SECONDS):
                        channel.sendall(drop)
                except OSError:
                    return  # the client has disconnected

        thread = Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            closing.set()
            thread.join()


@pytest.mark.parametrize(
    ("start", "drop"),
    [
        (b"", b""),  # silence
        (b"\x16\x03\x03\x40\x00\x02", b"\x00"),  # a handshake record that arrives byte by byte
        (b"", b"\x16\x03\x03\x00\x00"),  # records without content
    ],
    ids=["silence", "byte by byte", "empty records"],
)
def test_a_handshake_that_does_not_end_ends_with_the_time_of_the_download(
    tmp_path: Path, start: bytes, drop: bytes
) -> None:
    with tcp_server(start, drop) as port:
        origin = f"https://files.test:{port}"
        source = Source(
            HostRules.parse([origin]), resolve=lambda _: ["127.0.0.1"], tls=authority(tmp_path).client_context()
        )
        with pytest.raises(OutputUnavailable):
            download(origin, tmp_path / "file", source=source, limit_bytes=LIMIT, seconds_left=within(0.3))


@pytest.mark.parametrize("start", [b"", b"HTTP/1.", b"HTTP/1.1 200 OK\r\nX"])
def test_a_head_that_comes_byte_by_byte_ends_with_the_time_of_the_download(
    host: FileHost, tmp_path: Path, start: bytes
) -> None:
    unavailable(host, host.serve("/a.png", host.drip(start, b"1")), tmp_path, seconds=0.3)


STATUS = st.sampled_from([b"HTTP/1.1 200 OK", b"HTTP/1.0 200", b"HTTP/1.1 302 Found", b"HTTP/1.1 -1 No", b"ICY 200 OK"])
NAMES = st.sampled_from([b"Content-Length", b"Transfer-Encoding", b"Content-Encoding", b"Location", b"", b"X"])
CODES = st.sampled_from(
    [coding.encode("latin-1") for coding in CODINGS] + [b"chunked", b"http://[", b"//", b"https://\x80"]
)
FIELDS = st.tuples(NAMES, st.sampled_from(LENGTHS) | CODES | st.binary(max_size=10)).map(b": ".join)
PARTS = st.lists(st.sampled_from(SIZES) | st.binary(max_size=20) | st.just(PICTURE[:192]), max_size=3).map(b"".join)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STATUS, st.lists(FIELDS, max_size=3), st.booleans(), PARTS)
def test_whatever_a_server_says_the_download_ends_as_it_should(
    host: FileHost, tmp_path: Path, status: bytes, fields: list[bytes], is_chunked: bool, content: bytes
) -> None:
    chunked = [b"Transfer-Encoding: chunked"] * is_chunked
    answer = b"\r\n".join([status, *fields, *chunked, b"", content])
    try:
        fetch(host, host.serve("/a.png", raw(answer)), tmp_path)
    except (OutputRefused, OutputUnavailable):
        assert not (tmp_path / "file").exists()
