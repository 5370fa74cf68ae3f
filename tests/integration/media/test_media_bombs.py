"""Small files that would expand to huge ones are refused; large images are still accepted."""

import resource
import zlib
from pathlib import Path

import pytest

from integration.media.conftest import run
from mediagen.media.derivatives import DerivativeFailure, make_derivatives
from mediagen.media.errors import FfmpegFailed
from mediagen.media.inspect import inspect_media
from mediagen.media.types import PNG, type_of

UNPACKED = 1000 * 1024 * 1024  # ffmpeg without limits takes twice as much for it
FUNCTION_MB = 2048


def chunk(kind: bytes, content: bytes) -> bytes:
    return len(content).to_bytes(4) + kind + content + zlib.crc32(kind + content).to_bytes(4)


def packed_zeros(size: int) -> bytes:
    packer, piece = zlib.compressobj(9), bytes(1024 * 1024)
    return b"".join(packer.compress(piece) for _ in range(size // len(piece))) + packer.flush()


@pytest.fixture(scope="module")
def bomb() -> bytes:
    """Compress a gigabyte of zeros into a megabyte."""
    return packed_zeros(UNPACKED)


@pytest.mark.parametrize("start", [b"zTXtComment\0\0", b"iCCPp\0\0"], ids=["text", "profile"])
def test_a_picture_with_a_packed_gigabyte_in_it_takes_no_more_memory_than_the_function_has(
    tmp_path: Path, bomb: bytes, start: bytes
) -> None:
    picture = chunk(b"IHDR", (64).to_bytes(4) * 2 + b"\x08\x02\0\0\0")
    pixels = chunk(b"IDAT", zlib.compress(bytes(193) * 64)) + chunk(b"IEND", b"")
    hostile = tmp_path / "output"
    hostile.write_bytes(b"\x89PNG\r\n\x1a\n" + picture + chunk(start[:4], start[4:] + bomb) + pixels)
    assert hostile.stat().st_size < 1_100_000
    assert type_of(hostile) == PNG
    try:
        inspect_media(hostile, PNG, timeout_seconds=120)
    except FfmpegFailed as error:
        assert error.reason in ("too_large", "killed")
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 1_792 * 1024


HUGE = {
    "gif": b"GIF89a" + b"\xff\xff" * 2 + b"\0\0\0,\0\0\0\0" + b"\xff\xff" * 2 + b"\0\x02\x02L\x01\0;",
    "webp": b"RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0/\xff\xff\xff\x0f\0\x88\x88\x08\0\0\0\0",
    "webp, extended": b"RIFF\x2c\0\0\0WEBPVP8X\x0a\0\0\0" + bytes(4) + b"\xff" * 6
    + b"VP8L\x0d\0\0\0/\xff\xff\xff\x0f" + bytes(8),
    "jpeg": b"\xff\xd8\xff\xc0\0\x11\x08" + b"\xff\xdc" * 2 + b"\x03\x01\x22\0\x02\x11\x01\x03\x11\x01"
    b"\xff\xda\0\x0c\x03\x01\0\x02\x11\x03\x11\0\x3f\0" + bytes(20) + b"\xff\xd9",
    "png": b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", b"\x7f\xff\xff\xff" * 2 + b"\x08\x02\0\0\0") + chunk(b"IDAT", b""),
}  # fmt: skip


@pytest.mark.parametrize("content", HUGE.values(), ids=HUGE)
def test_a_few_bytes_that_say_they_are_gigapixels_are_refused_by_their_size_or_as_no_media(
    tmp_path: Path, content: bytes
) -> None:
    hostile = tmp_path / "output"
    hostile.write_bytes(content)
    media_type = type_of(hostile)
    assert media_type is not None
    with pytest.raises(FfmpegFailed, match=r"too_large|rejected"):
        inspect_media(hostile, media_type, timeout_seconds=60)


def test_the_largest_picture_that_is_measured_still_is(tmp_path: Path) -> None:
    large = tmp_path / "large.png"
    run("-f", "lavfi", "-i", "color=red:size=12000x12000", "-frames:v", "1", "-compression_level", "1", str(large))
    failures: list[DerivativeFailure] = []
    seen = inspect_media(large, PNG, timeout_seconds=120)
    made = make_derivatives(large, seen, tmp_path, timeout_seconds=120, on_failure=failures.append)
    assert (seen.width, seen.height, failures) == (12_000, 12_000, [])
    assert [(file.width, file.height) for file in made] == [(480, 480)]
