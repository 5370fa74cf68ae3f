"""Types by bytes: recognised media, and lookalikes."""

from pathlib import Path

import pytest

from mediagen.media.types import (
    AAC,
    AVIF,
    FLAC,
    GIF,
    JPEG,
    M4A,
    MKV,
    MOV,
    MP3,
    MP4,
    OGG,
    OPUS,
    PNG,
    WAV,
    WEBM,
    WEBP,
    MediaType,
    type_of,
)

MP3_FRAME = b"\xff\xfb\x90\x00" + bytes(413)  # 128 kbit/s at 44.1 kHz: 417 bytes
AAC_FRAME = b"\xff\xf1\x50\x40\x0c\x80\x00" + bytes(93)  # 100 bytes
ID3 = b"ID3\x04\x00\x00\x00\x00\x01\x00" + bytes(128)
PNG_HEAD = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR"


def ftyp(major: bytes, *compatible: bytes) -> bytes:
    brands = major + bytes(4) + b"".join(compatible)
    return (len(brands) + 8).to_bytes(4) + b"ftyp" + brands + b"\x00\x00\x00\x08free"


def ogg(packet: bytes) -> bytes:
    return b"OggS\x00\x02" + bytes(20) + b"\x01" + bytes([len(packet)]) + packet


def ebml(doctype: bytes) -> bytes:
    return b"\x1a\x45\xdf\xa3\xa3\x42\x86\x81\x01\x42\x82" + bytes([0x80 + len(doctype)]) + doctype + bytes(50)


def recognised(folder: Path, content: bytes) -> MediaType | None:
    path = folder / "file"
    path.write_bytes(content)
    return type_of(path)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (PNG_HEAD, PNG),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00", JPEG),
        (b"\xff\xd8\xff\xdb", JPEG),
        (b"GIF87a", GIF),
        (b"GIF89a", GIF),
        (b"RIFF\x24\x00\x00\x00WEBPVP8 ", WEBP),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", WAV),
        (ftyp(b"avif", b"mif1", b"miaf"), AVIF),
        (ftyp(b"mif1", b"avif"), AVIF),
        (ftyp(b"isom", b"iso2", b"avc1", b"mp41"), MP4),
        (ftyp(b"mp42"), MP4),
        (ftyp(b"XYZ ", b"isom"), MP4),
        (ftyp(b"M4A ", b"isom"), M4A),
        (ftyp(b"qt  "), MOV),
        (ebml(b"webm"), WEBM),
        (ebml(b"matroska"), MKV),
        (ogg(b"OpusHead\x01"), OPUS),
        (ogg(b"\x01vorbis"), OGG),
        (b"fLaC\x00\x00\x00\x22", FLAC),
        (ID3 + b"fLaC\x00\x00\x00\x22", FLAC),
        (MP3_FRAME * 3, MP3),
        (MP3_FRAME, MP3),
        (MP3_FRAME * 2 + b"TAG" + bytes(125), MP3),
        (ID3 + MP3_FRAME * 3, MP3),
        (ID3 + bytes(500) + MP3_FRAME * 3, MP3),
        (AAC_FRAME * 3, AAC),
        (ID3 + AAC_FRAME * 3, AAC),
    ],
)
def test_each_type_is_recognised_by_its_first_bytes(tmp_path: Path, content: bytes, expected: MediaType) -> None:
    assert recognised(tmp_path, content) == expected


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 5000,
        b"<!DOCTYPE html><html><body>GIF89a</body></html>",
        b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>",
        b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\n",
        b"PK\x03\x04" + bytes(100),
        b"\x1f\x8b\x08\x00" + bytes(100),
        b"%PDF-1.7\n",
        b'{"detail": "not found"}',
        b"\xff\xfe<\x00h\x00t\x00m\x00l\x00",  # UTF-16 text starts like a frame
        b"BM" + bytes(100),
        b"II*\x00" + bytes(100),
        b"\x89PNG\r\n\x1a\n<html>",
        b"\x89PNG\n\x1a\n\x00\x00\x00\x0dIHDR",
        b"\xff\xd8\xff",
        b"GIF88a",
        b"RIFF\x24\x00\x00\x00AVI LIST",
        b"RIFF\x24",
        ftyp(b"heic", b"mif1", b"iso8"),
        ftyp(b"jp2 "),
        ftyp(b"XYZ "),
        b"\xff\xff\xff\xf0ftypisom",
        b"\x00\x00\x00\x13ftypisom" + bytes(12),
        b"\x00\x00\x00\x20ftyp",
        ebml(b"other"),
        b"\x1a\x45\xdf\xa3",
        ogg(b"\x80theora"),
        b"OggS",
        b"OggS\x00\x02" + bytes(20),
        b"fLaC<html>",
        b"ID3",
        ID3,
        ID3 + b"<html>",
        b"ID3\x04\x00\x00\xff\xff\xff\xff" + MP3_FRAME * 3,
        b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f" + MP3_FRAME * 3,
        b"\xff\xfb\x90\x00",
        MP3_FRAME + b"<html>" + bytes(1000),
        MP3_FRAME + AAC_FRAME * 3,
        MP3_FRAME + (b"\xff\xf3\x90\x00" + bytes(257)) * 2,  # whole frames, but of another version
        b"\xff\xfb\xf0\x00" + bytes(2000),
        b"\xff\xfb\x00\x00" + bytes(2000),
        b"\xff\xff" * 2000,
        AAC_FRAME + bytes(200),
        b"\xff\xf1\x50\x40\x00\x00\x00" * 10,
    ],
)
def test_what_browsers_do_not_show_is_no_media_of_ours(tmp_path: Path, content: bytes) -> None:
    assert recognised(tmp_path, content) is None
