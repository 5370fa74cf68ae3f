"""File hosts, and real media of every type, made by ffmpeg."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import imageio_ffmpeg
import pytest

from integration.media.file_host import FileHost, file_host
from mediagen.media.ffmpeg_binary import ffmpeg_binary

PICTURES = ("-f", "lavfi", "-i", "testsrc=size=640x360:duration=2:rate=10")
SOUND = ("-f", "lavfi", "-i", "sine=duration=2")
BOTH = (*PICTURES, *SOUND, "-pix_fmt", "yuv420p")
H264 = ("-c:v", "libx264", "-preset", "ultrafast")
ONE = (*PICTURES, "-frames:v", "1")
VP8 = ("-c:v", "libvpx", "-deadline", "realtime")

SAMPLES: dict[str, tuple[str, ...]] = {
    "a.png": ONE,
    "a.jpg": ONE,
    "a.gif": (*PICTURES, "-t", "1"),
    "a.webp": ONE,
    "animated.webp": (*PICTURES, "-t", "1"),
    "a.avif": (*ONE, "-c:v", "libaom-av1", "-cpu-used", "8"),
    "transparent.png": ("-f", "lavfi", "-i", "color=red@0.0:size=64x64,format=rgba", "-frames:v", "1"),
    "tall.png": ("-f", "lavfi", "-i", "color=red:size=20x8000", "-frames:v", "1"),
    "a.mp4": (*BOTH, *H264),
    "a.mov": (*BOTH, *H264),
    "a.webm": (*BOTH, *VP8),
    "a.mkv": (*BOTH, *H264),
    "fragmented.mp4": (*BOTH, *H264, "-movflags", "frag_keyframe+empty_moov"),
    "endless.webm": (*PICTURES, *VP8, "-live", "1"),
    "long.mp4": ("-f", "lavfi", "-i", "testsrc=size=640x360:duration=6:rate=10", "-pix_fmt", "yuv420p", *H264),
    "a.wav": SOUND,
    "a.mp3": SOUND,
    "bare.mp3": (*SOUND, "-id3v2_version", "0", "-write_xing", "0"),
    "a.flac": SOUND,
    "a.ogg": SOUND,
    "a.opus": SOUND,
    "a.m4a": SOUND,
    "a.aac": SOUND,
    "sound.mp4": SOUND,
    "sound.webm": SOUND,
    "a.avi": BOTH,
    "a.bmp": ONE,
    "a.tif": ONE,
    "a.ogv": (*BOTH, "-c:v", "libtheora"),
    "rf64.wav": (*SOUND, "-rf64", "always"),
    "a.w64": SOUND,
    "a.aif": SOUND,
}


def run(*arguments: str) -> None:
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *arguments], check=True)


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder with the sample files."""
    folder = tmp_path_factory.mktemp("samples")
    for name, arguments in SAMPLES.items():
        run(*arguments, str(folder / name))
    shown = ("-display_rotation", "90", "-i", str(folder / "a.mp4"), "-c", "copy")
    run(*shown, str(folder / "rotated.mp4"))
    cover = ("-i", str(folder / "a.mp3"), "-i", str(folder / "a.jpg"), "-map", "0", "-map", "1", "-c", "copy")
    run(*cover, "-disposition:v", "attached_pic", str(folder / "cover.mp3"))
    return folder


@pytest.fixture(scope="session", autouse=True)
def ffmpeg_layer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Unpack the pinned ffmpeg as a layer on the import path."""
    folder = tmp_path_factory.mktemp("layer")
    (folder / "bin").mkdir()
    (folder / "bin" / "ffmpeg").symlink_to(imageio_ffmpeg.get_ffmpeg_exe())
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        ffmpeg_binary.cache_clear()
        yield folder
    ffmpeg_binary.cache_clear()


@pytest.fixture
def host() -> Iterator[FileHost]:
    with file_host() as running:
        yield running
