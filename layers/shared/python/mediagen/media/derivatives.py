"""Make the small files that stand for a large one: thumbnail, preview, waveform."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mediagen.media.errors import FfmpegFailed
from mediagen.media.ffmpeg import input_arguments, run_ffmpeg
from mediagen.media.inspect import picture_size, readable_by_ffmpeg
from mediagen.media.keys import DerivativeKind, derivative_name
from mediagen.media.types import Family, MediaType

THUMBNAIL_WIDTH = 480
PREVIEW_WIDTH = 320
PREVIEW_SECONDS = 3
PREVIEW_FRAMES_PER_SECOND = 8
WAVEFORM_SIZE = "1200x240"


@dataclass(frozen=True, slots=True)
class Derivative:
    """A file made from an output."""

    kind: DerivativeKind
    path: Path
    content_type: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class DerivativeFailure:
    """A file that could not be made: `reason` is a word to count by, `detail` one bounded line to log."""

    kind: DerivativeKind
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class _Recipe:
    kind: DerivativeKind
    content_type: str
    arguments: tuple[str, ...]


def _shrunk(width: int) -> str:
    # Never upscaled; tall pictures are bounded too: a JPEG or GIF side ends at 65,535.
    return f"scale=w='min({width},iw)':h='min({4 * width},ih)':force_original_aspect_ratio=decrease"


def _jpeg(filters: str) -> tuple[str, ...]:
    return ("-map", "0:V:0", "-vf", filters, "-frames:v", "1", "-q:v", "4", "-pix_fmt", "yuvj420p")


# JPEG has no transparency: the picture is laid on white.
_ON_WHITE = (
    "format=rgba,split[front][back];[back]drawbox=color=white:replace=1:t=fill[white];[white][front]overlay=format=rgb"
)
# Trimmed first: palettegen waits for the end of its input, which would be that of the whole video.
_PREVIEW = (
    f"trim=duration={PREVIEW_SECONDS},fps={PREVIEW_FRAMES_PER_SECOND},{_shrunk(PREVIEW_WIDTH)}:flags=lanczos,split[one][two];"
    "[one]palettegen=stats_mode=diff[palette];[two][palette]paletteuse=dither=bayer:bayer_scale=5"
)
# The filter keeps all samples to the end: an hour at 8 kHz mono is 58 MB, at 48 kHz stereo 690 MB.
_WAVEFORM = (
    f"[0:a:0]aresample=8000,aformat=channel_layouts=mono,showwavespic=s={WAVEFORM_SIZE}:colors=#3b6fd4:draw=full"
)

_IMAGE_THUMBNAIL = _Recipe("thumbnail", "image/jpeg", _jpeg(f"{_shrunk(THUMBNAIL_WIDTH)},{_ON_WHITE}"))
# Of the first 24 pictures the one that is most like the others: the very first is often black.
_VIDEO_THUMBNAIL = _Recipe("thumbnail", "image/jpeg", _jpeg(f"{_shrunk(THUMBNAIL_WIDTH)},thumbnail=24"))
_VIDEO_PREVIEW = _Recipe("preview", "image/gif", ("-map", "0:V:0", "-vf", _PREVIEW, "-loop", "0"))
_AUDIO_WAVEFORM = _Recipe("waveform", "image/png", ("-filter_complex", _WAVEFORM, "-frames:v", "1"))

_ALWAYS = ("-threads", "1", "-abort_on", "empty_output")

_RECIPES: dict[Family, tuple[_Recipe, ...]] = {
    "image": (_IMAGE_THUMBNAIL,),
    "video": (_VIDEO_THUMBNAIL, _VIDEO_PREVIEW),
    "audio": (_AUDIO_WAVEFORM,),
}


def make_derivatives(
    path: Path,
    media_type: MediaType,
    folder: Path,
    *,
    timeout_seconds: float,
    on_failure: Callable[[DerivativeFailure], None],
) -> list[Derivative]:
    """Make what belongs to this family, each within the time limit; what fails is told and left out."""
    made = []
    with readable_by_ffmpeg(path, media_type) as readable:
        for recipe in _RECIPES[media_type.family] if media_type.family else ():
            try:
                made.append(_make(recipe, readable, media_type, folder, timeout_seconds))
            except FfmpegFailed as error:
                on_failure(DerivativeFailure(recipe.kind, error.reason, error.detail))
    return made


def _make(recipe: _Recipe, path: Path, media_type: MediaType, folder: Path, timeout_seconds: float) -> Derivative:
    target = folder / derivative_name(recipe.kind, 1)
    arguments = [*input_arguments(media_type), *recipe.arguments, *_ALWAYS, f"file:{target}"]
    report = run_ffmpeg(arguments, timeout_seconds=timeout_seconds, source=path)
    size = picture_size(report)
    if size is None:
        raise FfmpegFailed("exit", "nothing was written")
    return Derivative(recipe.kind, target, recipe.content_type, *size)
