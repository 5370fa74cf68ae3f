"""Data URIs are decoded under the same limits as downloads."""

import base64
import hashlib
from pathlib import Path

import pytest

from mediagen.media.download import Download, Source, download
from mediagen.media.errors import OutputRefused
from mediagen.media.file_types import SVG
from mediagen.media.types import PNG
from mediagen.outbound.addresses import HostRules

SOURCE = Source(HostRules.parse(["replicate.delivery"]))
PICTURE = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR" + bytes(range(256)) * 1024


def data_uri(content: bytes, head: str = "data:image/png;base64,") -> str:
    return head + base64.b64encode(content).decode()


def decode(reference: str, path: Path, limit_bytes: int = 1_000_000) -> Download:
    return download(reference, path, source=SOURCE, limit_bytes=limit_bytes, seconds_left=lambda: 1.0)


@pytest.mark.parametrize("cut", [0, 1, 2, 3])
def test_the_content_arrives_whole_in_pieces(tmp_path: Path, cut: int) -> None:
    content = PICTURE[: len(PICTURE) - cut]
    result = decode(data_uri(content), tmp_path / "file")
    assert result.path.read_bytes() == content
    assert result == Download(tmp_path / "file", len(content), hashlib.sha256(content).hexdigest(), PNG)


@pytest.mark.parametrize("head", ["DATA:image/png;BASE64,", "data:;base64,", "data:text/html;charset=utf-8;base64,"])
def test_the_bytes_decide_whatever_the_head_says(tmp_path: Path, head: str) -> None:
    assert decode(data_uri(PICTURE, head), tmp_path / "file").media_type == PNG


def test_content_at_the_limit_passes_and_one_byte_more_does_not(tmp_path: Path) -> None:
    assert decode(data_uri(PICTURE), tmp_path / "file", len(PICTURE)).bytes == len(PICTURE)
    for limit in (len(PICTURE) - 1, 10):
        with pytest.raises(OutputRefused) as refused:
            decode(data_uri(PICTURE), tmp_path / "file", limit)
        assert refused.value.code == "output_too_large"
        assert not (tmp_path / "file").exists()


@pytest.mark.parametrize(
    "reference",
    [
        "data:image/png;base64",
        "data:image/png;base64,",
        "data:image/png;base64,*not*base64*",
        data_uri(PICTURE) + "\n",
        data_uri(PICTURE) + "é",
        data_uri(PICTURE)[:-1],
        data_uri(PICTURE, "data:" + "a" * 300 + ";base64,"),
        data_uri(b"<html></html>"),
        "data:,%3Chtml%3E",
    ],
)
def test_what_is_no_clean_data_uri_of_a_file_is_refused(tmp_path: Path, reference: str) -> None:
    with pytest.raises(OutputRefused) as refused:
        decode(reference, tmp_path / "file")
    assert refused.value.code == "output_not_media"
    assert not (tmp_path / "file").exists()


def test_a_data_uri_without_base64_is_decoded(tmp_path: Path) -> None:
    copied = decode("data:image/svg+xml,%3Csvg%20xmlns='http://www.w3.org/2000/svg'/%3E", tmp_path / "file")
    assert copied.media_type == SVG
    assert copied.path.read_bytes() == b"<svg xmlns='http://www.w3.org/2000/svg'/>"
