"""Take the first frame out of an animated WebP, which ffmpeg 7 cannot read."""

from pathlib import Path
from typing import BinaryIO

_CHUNK_HEAD = 8
_FRAME_HEAD = 16  # position, size, duration and flags of an ANMF chunk
_ANIMATED = 0x02
_PICTURES = (b"VP8 ", b"VP8L")
_MAX_CHUNKS = 64  # ICC profile, metadata and ANIM come before the first frame
_MAX_FRAME = 64 * 1024 * 1024


def is_animated(path: Path) -> bool:
    """Say whether a WebP file declares an animation (RFC 9649: flags of its VP8X chunk)."""
    with path.open("rb") as file:
        head = file.read(21)
    return head[12:16] == b"VP8X" and bool(head[20] & _ANIMATED)


def first_frame(path: Path, still: Path) -> bool:
    """Write the first frame as a WebP of its own, without its alpha plane; False if there is none."""
    with path.open("rb") as file:
        file.seek(12)
        frame = _find(file, (b"ANMF",))
        if frame is None:
            return False
        file.seek(_FRAME_HEAD, 1)
        picture = _find(file, _PICTURES)
        if picture is None or picture[1] > _MAX_FRAME:
            return False
        kind, size = picture
        data = file.read(size)
    chunk = kind + size.to_bytes(4, "little") + data + b"\x00" * (size % 2)
    still.write_bytes(b"RIFF" + (len(chunk) + 4).to_bytes(4, "little") + b"WEBP" + chunk)
    return True


def _find(file: BinaryIO, kinds: tuple[bytes, ...]) -> tuple[bytes, int] | None:
    """Go to the data of the next chunk of one of these kinds and return its kind and size."""
    for _ in range(_MAX_CHUNKS):
        head = file.read(_CHUNK_HEAD)
        if len(head) < _CHUNK_HEAD:
            return None
        size = int.from_bytes(head[4:], "little")
        if head[:4] in kinds:
            return head[:4], size
        file.seek(size + size % 2, 1)
    return None
