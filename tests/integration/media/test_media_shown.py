"""Derivatives look as in a browser: upright, on white, in a screen's colour range."""

import struct
import zlib
from pathlib import Path

import pytest

from integration.media.conftest import H264, run
from mediagen.media.derivatives import Derivative, make_derivatives
from mediagen.media.errors import FfmpegFailed
from mediagen.media.file_types import file_type_of
from mediagen.media.inspect import Inspection, inspect_media, not_inspected
from mediagen.media.types import PNG

type Colour = tuple[int, int, int]

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
# Four quarters, 60 x 40: red and green above, blue and white below.
QUARTERS = (
    "color=red:size=60x40,format=rgb24,drawbox=x=30:y=0:w=30:h=20:color=lime:t=fill,"
    "drawbox=x=0:y=20:w=30:h=20:color=blue:t=fill,drawbox=x=30:y=20:w=30:h=20:color=white:t=fill"
)
UPRIGHT = [RED, GREEN, BLUE, WHITE]
# The stored pixels for which each orientation shows UPRIGHT: https://exiftool.org/TagNames/EXIF.html
STORED = {
    1: "null",
    2: "hflip",
    3: "hflip,vflip",
    4: "vflip",
    5: "transpose=cclock_flip",
    6: "transpose=cclock",
    7: "transpose=clock_flip",
    8: "transpose=clock",
}
HDR = (
    "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p,setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv,zscale=t=linear:npl=203,"
    "format=gbrpf32le,zscale=p=bt2020:t={transfer}:m=bt2020nc:r=tv:npl=203,format=yuv420p10le"
)


def shown(path: Path, folder: Path) -> tuple[Inspection, list[Derivative]]:
    """Inspect a file and make its derivatives."""
    seen = inspect_media(path, file_type_of(path, "https://replicate.delivery/out"), timeout_seconds=30)
    failures: list[object] = []
    made = make_derivatives(path, seen, folder, timeout_seconds=30, on_failure=failures.append)
    assert failures == []
    return seen, made


def colours(path: Path, places: list[tuple[float, float]]) -> list[Colour]:
    """Return the colours at some points of an image, given as shares of its width and height."""
    grid = path.with_suffix(".rgb")
    raw = ("-frames:v", "1", "-pix_fmt", "rgb24", "-f", "rawvideo", str(grid))
    run("-i", str(path), "-vf", "scale=64:64:flags=neighbor", *raw)
    pixels = grid.read_bytes()
    starts = [3 * (64 * int(y * 64) + int(x * 64)) for x, y in places]
    return [(pixels[at], pixels[at + 1], pixels[at + 2]) for at in starts]


def assert_close(found: list[Colour], expected: list[Colour], most: int = 40) -> None:
    distances = [max(abs(a - b) for a, b in zip(*pair, strict=True)) for pair in zip(found, expected, strict=True)]
    assert max(distances) <= most, (found, expected)


def exif(orientation: int, order: str) -> bytes:
    """Write EXIF data with an orientation after an unrelated entry."""
    entries = struct.pack(f"{order}HHIHxx", 0x0100, 3, 1, 60) + struct.pack(f"{order}HHIHxx", 0x0112, 3, 1, orientation)
    start = b"II*\0" if order == "<" else b"MM\0*"
    return start + struct.pack(f"{order}IH", 8, 2) + entries + bytes(4)


def png_with_exif(content: bytes, orientation: int) -> bytes:
    data = exif(orientation, ">")
    chunk = len(data).to_bytes(4) + b"eXIf" + data + zlib.crc32(b"eXIf" + data).to_bytes(4)
    return content[:33] + chunk + content[33:]


def webp_with_exif(content: bytes, orientation: int, width: int, height: int) -> bytes:
    """Convert a plain WebP into an extended one (RFC 9649)."""
    data = exif(orientation, "<")
    extended = b"VP8X\x0a\0\0\0\x08\0\0\0" + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBP" + extended + content[12:] + b"EXIF" + len(data).to_bytes(4, "little") + data
    return b"RIFF" + len(body).to_bytes(4, "little") + body


@pytest.mark.parametrize("kind", ["png", "webp"])
@pytest.mark.parametrize("orientation", STORED)
def test_a_picture_is_turned_as_its_exif_data_says(tmp_path: Path, kind: str, orientation: int) -> None:
    plain, turned = tmp_path / f"plain.{kind}", tmp_path / "turned"
    lossless = ("-lossless", "1") if kind == "webp" else ()
    run("-f", "lavfi", "-i", f"{QUARTERS},{STORED[orientation]}", *lossless, "-frames:v", "1", str(plain))
    content, size = plain.read_bytes(), (40, 60) if orientation >= 5 else (60, 40)
    turned.write_bytes(
        png_with_exif(content, orientation) if kind == "png" else webp_with_exif(content, orientation, *size)
    )
    seen, [thumbnail] = shown(turned, tmp_path)
    assert (seen.width, seen.height, thumbnail.width, thumbnail.height) == (60, 40, 60, 40)
    assert_close(colours(thumbnail.path, [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)]), UPRIGHT)


def test_a_large_picture_that_lies_on_its_side_has_a_thumbnail_of_the_usual_width(tmp_path: Path) -> None:
    plain, turned = tmp_path / "plain.png", tmp_path / "turned"
    run("-f", "lavfi", "-i", "color=red:size=300x3000", "-frames:v", "1", str(plain))
    turned.write_bytes(png_with_exif(plain.read_bytes(), 6))
    seen, [thumbnail] = shown(turned, tmp_path)
    assert (seen.width, seen.height, thumbnail.width, thumbnail.height) == (3000, 300, 480, 48)


@pytest.mark.parametrize("data", [b"", b"II*\0", b"II*\0\xff\xff\xff\xff", b"MM\0*" + bytes(400), b"xx" * 50])
def test_broken_exif_data_turns_nothing(tmp_path: Path, data: bytes) -> None:
    plain, odd = tmp_path / "plain.png", tmp_path / "odd"
    run("-f", "lavfi", "-i", QUARTERS, "-frames:v", "1", str(plain))
    chunk = len(data).to_bytes(4) + b"eXIf" + data + zlib.crc32(b"eXIf" + data).to_bytes(4)
    odd.write_bytes(plain.read_bytes()[:33] + chunk + plain.read_bytes()[33:])
    seen, _ = shown(odd, tmp_path)
    assert (seen.width, seen.height) == (60, 40)


@pytest.mark.parametrize("transfer", ["smpte2084", "arib-std-b67"], ids=["HDR10", "HLG"])
def test_hdr_video_keeps_its_colours(tmp_path: Path, transfer: str) -> None:
    video = tmp_path / "hdr.mp4"
    tags = ("-color_primaries", "bt2020", "-color_trc", transfer, "-colorspace", "bt2020nc")
    coder = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error:qp=10", *tags)
    still = "color=red:size=240x160:duration=1:rate=10,format=rgb24,drawbox=x=120:y=0:w=120:h=160:color=lime:t=fill"
    run("-f", "lavfi", "-i", still, "-vf", HDR.format(transfer=transfer), *coder, str(video))
    _, [thumbnail, preview] = shown(video, tmp_path)
    for made in (thumbnail, preview):
        assert_close(
            colours(made.path, [(0.25, 0.5), (0.75, 0.5)]), [RED, GREEN], 60
        )  # without tone mapping red is 137, 83, 61


@pytest.mark.parametrize(
    ("name", "coder"),
    [
        ("vp9.webm", ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-pix_fmt", "yuva420p")),
        ("vp8.webm", ("-c:v", "libvpx", "-deadline", "realtime", "-auto-alt-ref", "0", "-pix_fmt", "yuva420p")),
        ("prores.mov", ("-c:v", "prores_ks", "-profile:v", "4444", "-pix_fmt", "yuva444p10le")),
    ],
)
def test_a_transparent_video_is_laid_on_white(tmp_path: Path, name: str, coder: tuple[str, ...]) -> None:
    video = tmp_path / name
    square = "drawbox=x=32:y=32:w=32:h=32:color=blue@1.0:t=fill:replace=1"
    picture = f"color=red@0.0:size=96x96:duration=1:rate=10,format=rgba,{square}"
    run("-f", "lavfi", "-i", picture, *coder, str(video))
    _, [thumbnail, preview] = shown(video, tmp_path)
    for made in (thumbnail, preview):
        assert_close(colours(made.path, [(0.1, 0.1), (0.5, 0.5)]), [WHITE, BLUE])


@pytest.mark.parametrize(
    ("size", "thumbnail"),
    [("8000x2", (480, 1)), ("2x8000", (1, 1920)), ("16000x16", (480, 1)), ("2000x100", (480, 24)), ("2x2", (2, 2))],
)
def test_a_picture_of_an_extreme_shape_has_a_thumbnail_of_its_shape(
    tmp_path: Path, size: str, thumbnail: tuple[int, int]
) -> None:
    picture = tmp_path / "picture.png"
    run("-f", "lavfi", "-i", f"color=red:size={size}", "-frames:v", "1", str(picture))
    _, [made] = shown(picture, tmp_path)
    assert (made.width, made.height) == thumbnail
    assert_close(colours(made.path, [(0.5, 0.5)]), [RED])


def test_a_video_of_an_extreme_shape_has_both_derivatives(tmp_path: Path) -> None:
    video = tmp_path / "wide.mp4"
    run("-f", "lavfi", "-i", "color=red:size=4096x4:duration=1:rate=10", "-pix_fmt", "yuv420p", *H264, str(video))
    _, made = shown(video, tmp_path)
    assert [(file.kind, file.width, file.height) for file in made] == [("thumbnail", 480, 1), ("preview", 320, 1)]


def test_a_valid_picture_beyond_ffmpegs_bounds_is_described_by_its_header(tmp_path: Path) -> None:
    side, picture = 16_384, tmp_path / "picture.png"
    packer, row = zlib.compressobj(1), bytes(1 + side)
    pixels = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    chunks = (
        len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)
        for kind, data in ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b""))
    )
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunks))
    with pytest.raises(FfmpegFailed):
        inspect_media(picture, PNG, timeout_seconds=30)
    assert not_inspected(picture, PNG) == Inspection(PNG, side, side)
    picture.write_bytes(picture.read_bytes()[:20] + b"\xff" + picture.read_bytes()[21:100])
    assert not_inspected(picture, PNG) == Inspection(PNG)
