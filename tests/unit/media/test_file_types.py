"""Files that are kept as attachments, and the two refused kinds."""

import io
import zipfile
from pathlib import Path

import pytest

from mediagen.media.errors import OutputRefused
from mediagen.media.file_types import (
    AIFF,
    AVI,
    BMP,
    GLB,
    GZIP,
    HEIC,
    HTML,
    JPEG2000,
    JSON,
    MIDI,
    OGV,
    PDF,
    PLY,
    RF64,
    SVG,
    TEXT,
    TIFF,
    TS,
    UNKNOWN,
    W64,
    XML,
    ZIP,
    file_type_of,
)
from mediagen.media.types import MP4, PNG, MediaType, disposition_of

URL = "https://replicate.delivery/xezq/out"
SVG_ELEMENT = b'<svg xmlns="http://www.w3.org/2000/svg"/>'


def archive() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as opened:
        opened.writestr("a.txt", "text")
    return made.getvalue()


def kind(folder: Path, content: bytes, reference: str = URL) -> MediaType:
    """Return the type of a file with this content."""
    path = folder / "file"
    path.write_bytes(content)
    return file_type_of(path, reference)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (SVG_ELEMENT, SVG),
        (b"\xef\xbb\xbf\n<?xml version='1.0'?>\n<!-- made by a model -->\n" + SVG_ELEMENT, SVG),
        (b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "svg11.dtd" [<!ENTITY a "b">]>' + SVG_ELEMENT, SVG),
        (b"<svg:svg xmlns:svg='http://www.w3.org/2000/svg'/>", SVG),
        (b"<?xml version='1.0'?><gpx/>", XML),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", HEIC),
        (b"\x00\x00\x00\x0cjP  \r\n\x87\n\x00\x00\x00\x14ftypjp2 ", JPEG2000),
        (b"II*\x00\x08\x00\x00\x00", TIFF),
        (b"MM\x00*\x00\x00\x00\x08", TIFF),
        (b"BM" + bytes(12) + b"\x28\x00\x00\x00", BMP),
        (b"RIFF\x24\x00\x00\x00AVI LIST", AVI),
        ((b"\x47" + bytes(187)) * 4, TS),
        (b"OggS\x00\x02" + bytes(20) + b"\x01\x2a\x80theora", OGV),
        (b"RF64\xff\xff\xff\xffWAVEds64", RF64),
        (b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00", W64),
        (b"FORM\x00\x00\x00\x24AIFFCOMM", AIFF),
        (b"FORM\x00\x00\x00\x24AIFCFVER", AIFF),
        (b"glTF\x02\x00\x00\x00", GLB),
        (b"ply\nformat binary_little_endian 1.0\nend_header\n\x00\x01\x02", PLY),
        (archive(), ZIP),
        (b"\x1f\x8b\x08\x00" + bytes(100), GZIP),
        (b"MThd\x00\x00\x00\x06\x00\x01", MIDI),
        (b"%PDF-1.7\n", PDF),
        (b'{"boxes": [1, 2], "label": "\xc3\xa9"}', JSON),
        (b"[1, 2]", JSON),
        (b"{not json", TEXT),
        (b'{"deep": ' * 100_000, TEXT),
        (b"a poem\nof two lines", TEXT),
        (b"<b>bold</b> words", TEXT),
        (("ä" * 3000).encode(), TEXT),  # a character that is cut at the end of the bytes that are read
        (b"\xff\xfeh\x00t\x00m\x00l\x00", UNKNOWN),
        (b"\x00" * 5000, UNKNOWN),
        (b"\x89PNG\r\n\x1a\n<html>", UNKNOWN),
        (b"ID3\x04\x00\x00\xff", UNKNOWN),
    ],
)
def test_each_file_is_kept_with_its_type_or_as_bytes_and_never_shown_inline(
    tmp_path: Path, content: bytes, expected: MediaType
) -> None:
    assert kind(tmp_path, content) == expected
    assert disposition_of("original.x", expected) == 'attachment; filename="original.x"'


@pytest.mark.parametrize("media_type", [PNG, MP4])
def test_media_that_browsers_show_is_shown(media_type: MediaType) -> None:
    assert disposition_of("original.png", media_type) is None


@pytest.mark.parametrize(
    ("content", "name", "extension", "content_type"),
    [
        (b"solid cube\nendsolid", "mesh.stl", "stl", "text/plain; charset=utf-8"),
        (bytes(84), "mesh.STL?x=1.html", "stl", "application/octet-stream"),
        (b'{"asset": {}}', "scene.gltf", "gltf", "application/json"),
        (bytes(84), "run.exe", "bin", "application/octet-stream"),
        (b"text", "page.html", "txt", "text/plain; charset=utf-8"),
        (SVG_ELEMENT, "mesh.stl", "svg", "image/svg+xml"),
    ],
)
def test_a_name_gives_an_extension_only_if_it_is_known_and_the_bytes_leave_it_open(
    tmp_path: Path, content: bytes, name: str, extension: str, content_type: str
) -> None:
    found = kind(tmp_path, content, f"https://replicate.delivery/{name}")
    assert (found.extension, found.content_type, found.is_attachment) == (extension, content_type, True)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<!doctype html><title>Sorry</title>",
        b"\xef\xbb\xbf \n<!-- x --><HTML lang='en'>",
        b"<?xml version='1.0'?><!DOCTYPE html><html/>",
        b"<h1>502 Bad Gateway</h1>",
    ],
)
def test_an_empty_file_and_an_error_page_are_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(OutputRefused, match="output_not_media"):
        kind(tmp_path, content)


@pytest.mark.parametrize("reference", ["https://replicate.delivery/report.html", "data:text/html;base64,PGh0bWw+"])
def test_a_page_that_the_model_calls_a_page_is_kept(tmp_path: Path, reference: str) -> None:
    assert kind(tmp_path, b"<html></html>", reference) == HTML
