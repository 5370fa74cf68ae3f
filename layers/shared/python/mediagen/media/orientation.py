"""Read how a PNG or WebP wants to be turned. Browsers obey its EXIF data; ffmpeg 7 does so for JPEG only."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from mediagen.media.types import PNG, WEBP, MediaType

_MAX_CHUNKS = 10_000
_MAX_EXIF = 64 * 1024
_ORIENTATION = 0x0112  # https://www.cipa.jp/std/documents/download_e.html?DC-008-Translation-2023-E, 4.6.5
# What turns a picture of each orientation upright.
_FILTERS = {
    2: "hflip",
    3: "hflip,vflip",
    4: "vflip",
    5: "transpose=cclock_flip",
    6: "transpose=clock",
    7: "transpose=clock_flip",
    8: "transpose=cclock",
}


def orientation(path: Path, media_type: MediaType) -> int:
    """Return the orientation, 1 to 8; 1 is upright."""
    if media_type not in (PNG, WEBP):
        return 1
    with path.open("rb") as file:
        chunks = _png_chunks(file) if media_type == PNG else _webp_chunks(file)
        for kind, size in chunks:
            if kind in (b"eXIf", b"EXIF"):
                return _read(file.read(min(size, _MAX_EXIF)))
    return 1


def upright(turned: int) -> str:
    """Return the filters that turn a picture upright, or nothing."""
    return _FILTERS.get(turned, "")


def is_sideways(turned: int) -> bool:
    """Return whether width and height change places."""
    return turned >= 5


def _png_chunks(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    file.seek(8)
    for _ in range(_MAX_CHUNKS):
        head = file.read(8)
        if len(head) < 8:
            return
        data, size = file.tell(), int.from_bytes(head[:4])
        yield head[4:], size
        file.seek(data + size + 4)  # and a checksum


def _webp_chunks(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    file.seek(12)
    for _ in range(_MAX_CHUNKS):
        head = file.read(8)
        if len(head) < 8:
            return
        data, size = file.tell(), int.from_bytes(head[4:], "little")
        yield head[:4], size
        file.seek(data + size + size % 2)


def _read(exif: bytes) -> int:
    """Find the orientation among the entries of the first directory of EXIF data (TIFF 6.0)."""
    exif = exif.removeprefix(b"Exif\0\0")
    order: str | None = {b"II*\0": "little", b"MM\0*": "big"}.get(exif[:4])
    if order is None:
        return 1

    def number(start: int, size: int) -> int:
        return int.from_bytes(exif[start : start + size], "little" if order == "little" else "big")

    directory = number(4, 4)
    for entry in range(min(number(directory, 2), 1000)):
        at = directory + 2 + 12 * entry
        if number(at, 2) == _ORIENTATION:
            value = number(at + 8, 2)
            return value if 1 <= value <= 8 else 1
    return 1
