"""Files of every type, made by ffmpeg: recognised, measured, and given derivatives."""

from pathlib import Path

import pytest

from integration.media.conftest import run
from mediagen.media.derivatives import Derivative, make_derivatives
from mediagen.media.errors import FfmpegFailed
from mediagen.media.ffmpeg import input_arguments, run_ffmpeg
from mediagen.media.file_types import AIFF, AVI, BMP, OGV, RF64, TIFF, W64, file_type_of
from mediagen.media.inspect import Inspection, inspect_media
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
    WEBM_AUDIO,
    WEBP,
    MediaType,
    type_of,
)

IMAGES = [("a.png", PNG), ("a.jpg", JPEG), ("a.gif", GIF), ("a.webp", WEBP), ("animated.webp", WEBP), ("a.avif", AVIF)]
VIDEOS = [("a.mp4", MP4), ("a.mov", MOV), ("a.webm", WEBM), ("a.mkv", MKV), ("fragmented.mp4", MP4)]
VIDEOS += [("endless.webm", WEBM)]
SOUNDS = [("a.wav", WAV), ("a.mp3", MP3), ("bare.mp3", MP3), ("cover.mp3", MP3), ("a.flac", FLAC), ("a.ogg", OGG)]
SOUNDS += [("a.opus", OPUS), ("a.m4a", M4A), ("a.aac", AAC)]


def inspected(path: Path) -> Inspection:
    return inspect_media(path, file_type_of(path, "https://replicate.delivery/out"), timeout_seconds=30)


def derived(path: Path, folder: Path) -> list[Derivative]:
    failures: list[object] = []
    made = make_derivatives(path, inspected(path), folder, timeout_seconds=30, on_failure=failures.append)
    assert failures == []
    return made


def types(made: list[Derivative]) -> list[tuple[str, int, int, MediaType | None]]:
    return [(file.kind, file.width, file.height, type_of(file.path)) for file in made]


@pytest.mark.parametrize(("name", "expected"), IMAGES)
def test_an_image_has_a_size_and_a_thumbnail(samples: Path, tmp_path: Path, name: str, expected: MediaType) -> None:
    assert inspected(samples / name) == Inspection(expected, 640, 360, None)
    made = derived(samples / name, tmp_path)
    assert types(made) == [("thumbnail", 480, 270, JPEG)]
    assert made[0].path == tmp_path / "thumbnail.jpg"
    assert made[0].content_type == "image/jpeg"


@pytest.mark.parametrize(("name", "expected"), VIDEOS)
def test_a_video_has_size_duration_thumbnail_and_preview(
    samples: Path, tmp_path: Path, name: str, expected: MediaType
) -> None:
    found = inspected(samples / name)
    assert (found.media_type, found.width, found.height) == (expected, 640, 360)
    assert found.duration_seconds == pytest.approx(2, abs=0.1)
    made = derived(samples / name, tmp_path)
    assert types(made) == [("thumbnail", 480, 270, JPEG), ("preview", 320, 180, GIF)]


@pytest.mark.parametrize(("name", "expected"), SOUNDS)
def test_a_sound_has_a_duration_and_a_waveform(samples: Path, tmp_path: Path, name: str, expected: MediaType) -> None:
    found = inspected(samples / name)
    assert (found.media_type, found.width, found.height) == (expected, None, None)
    assert found.duration_seconds == pytest.approx(2, abs=0.1)
    assert types(derived(samples / name, tmp_path)) == [("waveform", 1200, 240, PNG)]


@pytest.mark.parametrize(("name", "expected"), [("a.bmp", BMP), ("a.tif", TIFF)])
def test_an_image_that_browsers_do_not_show_has_a_size_and_a_thumbnail(
    samples: Path, tmp_path: Path, name: str, expected: MediaType
) -> None:
    assert inspected(samples / name) == Inspection(expected, 640, 360, None)
    assert types(derived(samples / name, tmp_path)) == [("thumbnail", 480, 270, JPEG)]


@pytest.mark.parametrize(("name", "expected"), [("a.avi", AVI), ("a.ogv", OGV)])
def test_a_video_that_browsers_do_not_show_has_a_thumbnail_and_a_preview(
    samples: Path, tmp_path: Path, name: str, expected: MediaType
) -> None:
    found = inspected(samples / name)
    assert (found.media_type, found.width, found.height) == (expected, 640, 360)
    assert found.duration_seconds == pytest.approx(2, abs=0.2)
    assert types(derived(samples / name, tmp_path)) == [("thumbnail", 480, 270, JPEG), ("preview", 320, 180, GIF)]


@pytest.mark.parametrize(("name", "expected"), [("rf64.wav", RF64), ("a.w64", W64), ("a.aif", AIFF)])
def test_a_sound_that_browsers_do_not_play_has_a_waveform(
    samples: Path, tmp_path: Path, name: str, expected: MediaType
) -> None:
    found = inspected(samples / name)
    assert found.media_type == expected
    assert found.duration_seconds == pytest.approx(2, abs=0.1)
    assert types(derived(samples / name, tmp_path)) == [("waveform", 1200, 240, PNG)]


@pytest.mark.parametrize(("name", "expected"), [("sound.mp4", M4A), ("sound.webm", WEBM_AUDIO)])
def test_a_video_container_with_sound_only_is_audio(samples: Path, name: str, expected: MediaType) -> None:
    found = inspected(samples / name)
    assert (found.media_type, found.width) == (expected, None)
    assert found.duration_seconds == pytest.approx(2, abs=0.1)


def test_a_rotated_video_has_the_size_it_is_shown_in(samples: Path, tmp_path: Path) -> None:
    found = inspected(samples / "rotated.mp4")
    assert (found.width, found.height) == (360, 640)
    assert [(file.width, file.height) for file in derived(samples / "rotated.mp4", tmp_path)] == [
        (360, 640),
        (320, 569),
    ]


def test_a_small_image_is_not_enlarged_and_its_transparency_becomes_white(samples: Path, tmp_path: Path) -> None:
    made = derived(samples / "transparent.png", tmp_path)
    assert types(made) == [("thumbnail", 64, 64, JPEG)]
    run("-i", str(made[0].path), "-f", "rawvideo", "-pix_fmt", "gray", str(tmp_path / "pixels"))
    assert set((tmp_path / "pixels").read_bytes()) == {255}


def test_a_very_tall_image_is_bounded_in_height(samples: Path, tmp_path: Path) -> None:
    made = derived(samples / "tall.png", tmp_path)
    assert [(file.width, file.height) for file in made] == [(5, 1920)]


def test_a_preview_is_the_first_three_seconds_at_eight_pictures_a_second(samples: Path, tmp_path: Path) -> None:
    preview = derived(samples / "long.mp4", tmp_path)[1]
    report = run_ffmpeg([*input_arguments(GIF), "-f", "null", "-"], timeout_seconds=30, source=preview.path)
    assert "Duration: 00:00:03.0" in report
    assert "frame=   24 " in report


def test_what_stands_in_the_metadata_of_a_file_stays_there(samples: Path, tmp_path: Path) -> None:
    named = tmp_path / "named.mp4"
    run("-i", str(samples / "a.mp4"), "-c", "copy", "-metadata", "comment=Duration: 99:00:00.00, secret", str(named))
    assert inspected(named).duration_seconds == pytest.approx(2, abs=0.1)
    assert b"secret" in named.read_bytes()
    for file in derived(named, tmp_path):
        assert b"secret" not in file.path.read_bytes()


def test_a_valid_picture_with_something_behind_it_is_a_picture(samples: Path, tmp_path: Path) -> None:
    both = tmp_path / "both"
    both.write_bytes((samples / "a.png").read_bytes() + b"PK\x03\x04<script>alert(1)</script>")
    assert inspected(both) == Inspection(PNG, 640, 360, None)


@pytest.mark.parametrize(("name", "kept"), [("a.mp4", 20_000), ("a.png", 60), ("a.webp", 30), ("a.avif", 300)])
def test_of_a_file_cut_before_anything_can_be_shown_nothing_decodes(
    samples: Path, tmp_path: Path, name: str, kept: int
) -> None:
    cut = tmp_path / "cut"
    cut.write_bytes((samples / name).read_bytes()[:kept])
    with pytest.raises(FfmpegFailed) as refused:
        inspected(cut)
    assert refused.value.reason == "rejected"


def test_of_a_video_whose_pictures_are_missing_nothing_decodes(samples: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.mp4"
    run("-i", str(samples / "a.mp4"), "-c", "copy", "-an", "-movflags", "faststart", str(cut))
    content = cut.read_bytes()
    cut.write_bytes(content[: content.index(b"mdat") + 10])
    with pytest.raises(FfmpegFailed, match="rejected"):
        inspected(cut)


def test_a_video_damaged_further_on_is_measured(samples: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.webm"
    cut.write_bytes((samples / "a.webm").read_bytes()[:-5000])
    assert (inspected(cut).media_type, inspected(cut).width) == (WEBM, 640)


@pytest.mark.parametrize("media_type", [PNG, JPEG, GIF, WEBP, MP4, WEBM, WAV, MP3, FLAC, OGG, AAC])
@pytest.mark.parametrize(
    "content",
    [
        b"#EXTM3U\n#EXTINF:1,\n{secret}\n",
        b"ffconcat version 1.0\nfile {secret}\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'><image href='{secret}'/></svg>",
    ],
)
def test_what_names_a_local_file_opens_nothing_with_any_reader(
    samples: Path, tmp_path: Path, media_type: MediaType, content: bytes
) -> None:
    hostile = tmp_path / "file"
    hostile.write_bytes(content.replace(b"{secret}", bytes(samples / "a.png")))
    with pytest.raises(FfmpegFailed) as refused:
        inspect_media(hostile, media_type, timeout_seconds=30)
    assert refused.value.reason == "rejected"


@pytest.mark.parametrize(
    ("start", "media_type"),
    [
        (b"GIF89a/*", GIF),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR", PNG),
        (b"\xff\xd8\xff\xe0", JPEG),
        (b"RIFF\x24\x00\x00\x00WEBPVP8 ", WEBP),
        (b"RIFF\x24\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x02", WEBP),
        (b"\x00\x00\x00\x10ftypisom\x00\x00\x00\x00", MP4),
        (b"fLaC\x00\x00\x00\x22", FLAC),
        (b"", PNG),
    ],
)
def test_of_a_page_that_begins_like_media_nothing_decodes(tmp_path: Path, start: bytes, media_type: MediaType) -> None:
    page = tmp_path / "page"
    page.write_bytes(start + b"<html><script>alert(1)</script></html>" * 100 * bool(start))
    assert type_of(page) == (media_type if start else None)
    with pytest.raises(FfmpegFailed) as refused:
        inspect_media(page, media_type, timeout_seconds=30)
    assert refused.value.reason == "rejected"
