"""Tell what a file is by its bytes; names and content types sent by servers are not believed."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from mediagen.media.frames import is_aac, is_mp3

type Family = Literal["image", "video", "audio"]

_HEAD_BYTES = 4096
_ID3_HEADER_BYTES = 10


@dataclass(frozen=True, slots=True)
class MediaType:
    """`demuxer` is ffmpeg's name of the only reader that may open the file; without a family nothing is made of it.

    `is_attachment`: browsers save the file, because they cannot show it, or would run what is in it.
    """

    family: Family | None
    content_type: str
    extension: str
    demuxer: str = ""
    is_attachment: bool = False


PNG = MediaType("image", "image/png", "png", "png_pipe")
JPEG = MediaType("image", "image/jpeg", "jpg", "jpeg_pipe")
GIF = MediaType("image", "image/gif", "gif", "gif")
WEBP = MediaType("image", "image/webp", "webp", "webp_pipe")
AVIF = MediaType("image", "image/avif", "avif", "mov")
MP4 = MediaType("video", "video/mp4", "mp4", "mov")
MOV = MediaType("video", "video/quicktime", "mov", "mov")
WEBM = MediaType("video", "video/webm", "webm", "matroska")
MKV = MediaType("video", "video/x-matroska", "mkv", "matroska")
M4A = MediaType("audio", "audio/mp4", "m4a", "mov")
WEBM_AUDIO = MediaType("audio", "audio/webm", "webm", "matroska")
MKA = MediaType("audio", "audio/x-matroska", "mka", "matroska")
WAV = MediaType("audio", "audio/wav", "wav", "wav")
MP3 = MediaType("audio", "audio/mpeg", "mp3", "mp3")
FLAC = MediaType("audio", "audio/flac", "flac", "flac")
OGG = MediaType("audio", "audio/ogg", "ogg", "ogg")
OPUS = MediaType("audio", "audio/ogg", "opus", "ogg")
AAC = MediaType("audio", "audio/aac", "aac", "aac")

_WITHOUT_PICTURE = {MP4: M4A, MOV: M4A, WEBM: WEBM_AUDIO, MKV: MKA}

# Brands of ISO/IEC 14496-12 "ftyp" boxes, as registered at mp4ra.org; HEIC and JPEG 2000 are none of ours.
_MP4_BRAND = re.compile(rb"iso[m2-9]|mp4[12]|avc1|M4V |dash|MSNV|f4v |cmfc|av01|hvc1|3gp[4-9]")
_BRANDS = {b"M4A ": M4A, b"M4B ": M4A, b"qt  ": MOV}
_AVIF_BRANDS = {b"avif", b"avis"}
_STILL_BRANDS = {b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"jp2 ", b"jpx ", b"crx "}
_RIFF = {b"WAVE": WAV, b"WEBP": WEBP}
_OGG = ((b"OpusHead", OPUS), (b"\x01vorbis", OGG), (b"\x7fFLAC", OGG), (b"Speex   ", OGG))
_EBML_DOCTYPES = {b"webm": WEBM, b"matroska": MKV}


def disposition_of(name: str, media_type: MediaType) -> str | None:
    """Return the `Content-Disposition` that a file is stored with."""
    return f'attachment; filename="{name}"' if media_type.is_attachment else None


def without_picture(media_type: MediaType) -> MediaType | None:
    """Return what a video container is when it holds sound only."""
    return _WITHOUT_PICTURE.get(media_type)


def type_of(path: Path) -> MediaType | None:
    """Read the type of a file, or None if it is not media that browsers show."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
        for recognise in _BY_HEAD:
            if found := recognise(head):
                return found
        return _audio_stream(file, head)


def _image(head: bytes) -> MediaType | None:
    if head.startswith(b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR"):
        return PNG
    if head.startswith(b"\xff\xd8\xff") and head[3:4] >= b"\xc0":
        return JPEG
    return GIF if head.startswith((b"GIF87a", b"GIF89a")) else None


def _riff(head: bytes) -> MediaType | None:
    return _RIFF.get(head[8:12]) if head.startswith(b"RIFF") else None


def _iso(head: bytes) -> MediaType | None:
    size = int.from_bytes(head[:4])
    if head[4:8] != b"ftyp" or size % 4 or not 16 <= size <= len(head):  # two fields and a brand
        return None
    brands = [head[8:12], *(head[start : start + 4] for start in range(16, size, 4))]
    if not _AVIF_BRANDS.isdisjoint(brands):
        return AVIF
    if brands[0] in _STILL_BRANDS:
        return None
    # The major brand decides; one that is unknown may still be compatible with a known one.
    return next(filter(None, map(_brand, brands)), None)


def _brand(brand: bytes) -> MediaType | None:
    return _BRANDS.get(brand) or (MP4 if _MP4_BRAND.fullmatch(brand) else None)


def _matroska(head: bytes) -> MediaType | None:
    if not head.startswith(b"\x1a\x45\xdf\xa3"):
        return None
    doctype = re.search(rb"\x42\x82[\x81-\xff]([a-z]+)", head[:64])
    return _EBML_DOCTYPES.get(doctype[1]) if doctype else None


def _ogg(head: bytes) -> MediaType | None:
    if not head.startswith(b"OggS\x00\x02"):  # version 0, first page of its stream
        return None
    packet = head[27 + head[26] :] if len(head) > 26 else b""  # RFC 3533: 27 bytes, then the table
    return next((found for magic, found in _OGG if packet.startswith(magic)), None)


def _flac(head: bytes) -> MediaType | None:
    return FLAC if head[:4] == b"fLaC" and head[4:8] in (b"\x00\x00\x00\x22", b"\x80\x00\x00\x22") else None


def _audio_stream(file: BinaryIO, head: bytes) -> MediaType | None:
    start = _id3_bytes(head)
    file.seek(start)
    if start and (found := _flac(file.read(8))):
        return found
    if is_mp3(file, start):
        return MP3
    return AAC if is_aac(file, start) else None


def _id3_bytes(head: bytes) -> int:
    """Return the length of an ID3v2 tag at the start (id3.org: four bytes of 7 bits, without the header)."""
    size = head[6:_ID3_HEADER_BYTES]
    if head[:3] != b"ID3" or len(size) < 4 or max(size) > 0x7F or not 2 <= head[3] <= 4:
        return 0
    footer = _ID3_HEADER_BYTES if head[5] & 0x10 else 0
    return _ID3_HEADER_BYTES + (size[0] << 21 | size[1] << 14 | size[2] << 7 | size[3]) + footer


_BY_HEAD: tuple[Callable[[bytes], MediaType | None], ...] = (_image, _riff, _iso, _matroska, _ogg, _flac)
