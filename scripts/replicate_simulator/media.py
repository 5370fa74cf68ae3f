"""Make small real videos, images and sounds with ffmpeg, coloured by prompt and seed, and cache them."""

import colorsys
import hashlib
import secrets
import shutil
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CONTENT_TYPES = {
    "mp4": "video/mp4",
    "webp": "image/webp",
    "png": "image/png",
    "jpg": "image/jpeg",
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
}
# Few colours and short media: what can be made stays below some tens of MB, so nothing need be evicted.
_HUES = 24
_LONGEST_SIDE = 512
_MOST_AUDIO_SECONDS = 8
_FFMPEG_SECONDS = 60


class MediaError(RuntimeError):
    """ffmpeg could not make a file."""


@dataclass(frozen=True)
class Recipe:
    """The format of a file and the ffmpeg arguments that make it."""

    extension: str
    arguments: tuple[str, ...]


def recipe(kind: str, given: Mapping[str, Any], index: int = 0) -> Recipe:
    """Return how to make the index-th output of a model of this kind for an input."""
    subject = given.get("prompt") or given.get("input_image", "")
    hue = _hue(f"{subject}|{given.get('seed', '')}|{index}")
    return {"video": _video, "image": _image, "audio": _audio}[kind](given, hue)


def _hue(text: str) -> float:
    return hashlib.sha256(text.encode()).digest()[0] % _HUES / _HUES


def _gradient(size: str, hue: float, extra: str = "") -> str:
    colours = ((hue, 0.85, 0.95), (hue + 0.12, 0.6, 0.9), (hue + 0.45, 0.7, 0.35))
    shades = ":".join(f"c{i}={_hex(*colour)}" for i, colour in enumerate(colours))
    wide, high = (int(side) for side in size.split("x"))
    points = f"x0={int(wide * (0.25 + hue / 2))}:y0={high // 3}:x1={wide}:y1={high}"
    return f"gradients=s={size}:n=3:{shades}:{points}{extra}"


def _hex(hue: float, saturation: float, value: float) -> str:
    parts = colorsys.hsv_to_rgb(hue % 1, saturation, value)
    return "0x" + "".join(f"{round(part * 255):02x}" for part in parts)


def _video(given: Mapping[str, Any], hue: float) -> Recipe:
    fps, seconds = given.get("frames_per_second", 6), given.get("duration")
    frames = seconds * fps if seconds else int(given["video_length"].partition("_")[0])
    speed = 0.005 + 0.05 * given.get("motion_bucket_id", 127) / 255
    size = "288x512" if given.get("aspect_ratio") == "9:16" else "512x288"
    source = _gradient(size, hue, f":r={fps}:speed={speed:.4f}:type=circular")
    encode = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-movflags", "+faststart")
    sound = ("-f", "lavfi", "-i", f"sine=frequency={220 * 2**hue:.2f}:duration={seconds}", "-c:a", "aac")
    heard = sound if given.get("generate_audio") else ()
    return Recipe("mp4", ("-f", "lavfi", "-i", source, *heard, "-frames:v", str(frames), *encode))


def _image(given: Mapping[str, Any], hue: float) -> Recipe:
    wide, high = (int(part) for part in given.get("aspect_ratio", "1:1").split(":"))
    scale = _LONGEST_SIDE / max(wide, high)
    size = "x".join(str(round(side * scale / 2) * 2) for side in (wide, high))
    extension = given.get("output_format", "webp")
    pixels = {"jpg": ("-pix_fmt", "yuvj420p"), "png": ("-pix_fmt", "rgb24")}.get(extension, ())
    source = _gradient(size, hue, ":type=radial")
    return Recipe(extension, ("-f", "lavfi", "-i", source, "-frames:v", "1", *pixels))


def _audio(given: Mapping[str, Any], hue: float) -> Recipe:
    seconds = max(1, min(given.get("duration", 2), _MOST_AUDIO_SECONDS))
    root = 220 * 2**hue
    chord = "+".join(f"sin({root * ratio:.2f}*2*PI*t)" for ratio in (1, 5 / 4, 3 / 2))
    source = f"aevalsrc=0.25*({chord})*(0.55+0.45*sin(PI*t)):s=44100:d={seconds}"
    return Recipe(given.get("output_format", "wav"), ("-f", "lavfi", "-i", source))


class Media:
    """A folder of made files; the same recipe is made once. The folder goes with the simulator unless it is `kept`."""

    def __init__(self, folder: Path, *, kept: bool = False) -> None:
        self.folder, self._kept = folder, kept
        self._age = secrets.token_hex(4)  # part of every name, so that a new file never has a deleted file's name
        self._ffmpeg = ffmpeg()
        self._making = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False

    def file(self, wanted: Recipe) -> tuple[Path, int]:
        """Return the file of a recipe and its size; MediaError when ffmpeg fails or the simulator is closing."""
        name = hashlib.sha256(repr(wanted).encode()).hexdigest()[:24]
        with self._making:  # so that `empty` cannot run in between
            path = self.folder / f"{name}-{self._age}.{wanted.extension}"
            if self._closed:
                raise MediaError("the simulator is closing")
            if not path.exists():
                self._make(wanted, path)
            return path, path.stat().st_size

    def text(self, name: str, content: str) -> Path:
        """Return a file that holds a text."""
        path = self.folder / name
        path.write_text(content)
        return path

    def empty(self) -> None:
        """Delete every file; a later request makes its file again."""
        with self._making:
            for path in self.folder.iterdir():
                path.unlink()
            self._age = secrets.token_hex(4)

    def close(self) -> None:
        """Stop a running ffmpeg and delete the files; later requests fail."""
        self._closed = True
        process = self._process
        if process is not None:
            process.kill()
        with self._making:
            if not self._kept:
                shutil.rmtree(self.folder, ignore_errors=True)

    def _make(self, wanted: Recipe, path: Path) -> None:
        unfinished = path.with_name(f"unfinished.{wanted.extension}")
        command = [self._ffmpeg, "-nostdin", "-v", "error", "-y", *wanted.arguments, str(unfinished)]
        self._run(command)
        unfinished.rename(path)

    def _run(self, command: list[str]) -> None:
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
            self._process = process
            if self._closed:
                process.kill()
            try:
                _, complaint = process.communicate(timeout=_FFMPEG_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                raise MediaError("ffmpeg took too long") from None
            finally:
                self._process = None
        if process.returncode != 0:
            raise MediaError(complaint.decode(errors="replace").strip() or "ffmpeg was stopped")


def ffmpeg() -> str:
    """Return the path of the ffmpeg in the imageio-ffmpeg wheel (or IMAGEIO_FFMPEG_EXE)."""
    from imageio_ffmpeg import get_ffmpeg_exe

    return str(get_ffmpeg_exe())
