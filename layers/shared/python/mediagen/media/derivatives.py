"""Make the small files that stand for a large one: thumbnail, preview, waveform."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from mediagen.media.errors import FfmpegFailed
from mediagen.media.ffmpeg import input_arguments, run_ffmpeg
from mediagen.media.inspect import Inspection, picture_size, readable_by_ffmpeg
from mediagen.media.keys import DerivativeKind, derivative_name
from mediagen.media.look import Look
from mediagen.media.orientation import is_sideways, upright
from mediagen.media.types import Family

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
    """`write`: the arguments that make the file of a picture or sound with this look."""

    kind: DerivativeKind
    content_type: str
    write: Callable[[Look], tuple[str, ...]]


def _shown(look: Look, width: int) -> list[str]:
    """List the filters that show a picture upright and small; shrunk before it is turned, which costs less."""
    most_width, most_height = (4 * width, width) if is_sideways(look.orientation) else (width, 4 * width)
    # Never upscaled, and no side below a pixel; tall pictures are bounded too: a side of a JPEG ends at 65,535.
    share = f"min(1,min({most_width}/iw,{most_height}/ih))"
    scale = f"scale=w='max(1,round(iw*{share}))':h='max(1,round(ih*{share}))'"
    turned = upright(look.orientation)
    return [scale, *([turned] if turned else []), *look.filters()]


def _jpeg(filters: list[str]) -> tuple[str, ...]:
    # With halved colours (yuvj420p) swscale darkens the last column of an odd width.
    return ("-map", "0:V:0", "-vf", ",".join(filters), "-frames:v", "1", "-q:v", "4", "-pix_fmt", "yuvj444p")


def _image_thumbnail(look: Look) -> tuple[str, ...]:
    return _jpeg(_shown(replace(look, has_alpha=True), THUMBNAIL_WIDTH))  # palettes hide their transparency


def _video_thumbnail(look: Look) -> tuple[str, ...]:
    # Of the first 24 pictures the one that is most like the others: the very first is often black.
    return _jpeg([*_shown(look, THUMBNAIL_WIDTH), "thumbnail=24"])


def _video_preview(look: Look) -> tuple[str, ...]:
    # Trimmed first: palettegen waits for the end of its input, which would be that of the whole video.
    start = [f"trim=duration={PREVIEW_SECONDS}", f"fps={PREVIEW_FRAMES_PER_SECOND}", *_shown(look, PREVIEW_WIDTH)]
    palette = "[one]palettegen=stats_mode=diff[palette];[two][palette]paletteuse=dither=bayer:bayer_scale=5"
    return ("-map", "0:V:0", "-vf", f"{','.join(start)},split[one][two];{palette}", "-loop", "0")


def _waveform(_look: Look) -> tuple[str, ...]:
    # The filter keeps all samples to the end: an hour at 8 kHz mono is 58 MB, at 48 kHz stereo 690 MB.
    samples = "[0:a:0]aresample=8000,aformat=channel_layouts=mono"
    return ("-filter_complex", f"{samples},showwavespic=s={WAVEFORM_SIZE}:colors=#3b6fd4:draw=full", "-frames:v", "1")


_ALWAYS = ("-threads", "1", "-abort_on", "empty_output")

_RECIPES: dict[Family, tuple[_Recipe, ...]] = {
    "image": (_Recipe("thumbnail", "image/jpeg", _image_thumbnail),),
    "video": (_Recipe("thumbnail", "image/jpeg", _video_thumbnail), _Recipe("preview", "image/gif", _video_preview)),
    "audio": (_Recipe("waveform", "image/png", _waveform),),
}


def make_derivatives(
    path: Path,
    seen: Inspection,
    folder: Path,
    *,
    timeout_seconds: float,
    on_failure: Callable[[DerivativeFailure], None],
) -> list[Derivative]:
    """Make what belongs to an inspected file, each within the time limit; what fails is reported and left out."""
    made = []
    with readable_by_ffmpeg(path, seen.media_type) as readable:
        for recipe in _RECIPES[seen.media_type.family] if seen.media_type.family else ():
            try:
                made.append(_make(recipe, readable, seen, folder, timeout_seconds))
            except FfmpegFailed as error:
                on_failure(DerivativeFailure(recipe.kind, error.reason, error.detail))
    return made


def _make(recipe: _Recipe, path: Path, seen: Inspection, folder: Path, timeout_seconds: float) -> Derivative:
    look, target = seen.look or Look(), folder / derivative_name(recipe.kind, 1)
    arguments = [*input_arguments(seen.media_type, look.decoder), *recipe.write(look), *_ALWAYS, f"file:{target}"]
    report = run_ffmpeg(arguments, timeout_seconds=timeout_seconds, source=path)
    size = picture_size(report)
    if size is None:
        raise FfmpegFailed("exit", "nothing was written")
    return Derivative(recipe.kind, target, recipe.content_type, *size)
