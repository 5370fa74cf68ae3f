"""Lay the derivatives of the demo out on one picture, as the README shows it."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

import imageio_ffmpeg

from common.generation import Finished
from common.problems import SetupProblem

SECONDS = 60
_TILE = (
    "scale=304:172:force_original_aspect_ratio=decrease:force_divisible_by=2,"
    "pad=304:172:(ow-iw)/2:(oh-ih)/2:color=0x1b2430,setsar=1"
)
# A dark card with a margin of its own is readable on a light and on a dark page.
_LAYOUT = (
    f"[0:v]{_TILE},pad=w=iw+16:color=0x0d1117[image];"
    # Two frames a second, so that the three frames differ.
    f"[1:v]fps=2,{_TILE},tile=3x1:padding=16:color=0x0d1117[frames];"
    "[image][frames]hstack[top];"
    # The waveform has a transparent background.
    "color=0x1b2430:s=1264x172[ground];[2:v]scale=1264:172,format=rgba[wave];"
    "[ground][wave]overlay,pad=h=ih+16:y=16:color=0x0d1117[bottom];"
    "[top][bottom]vstack,pad=iw+32:ih+32:16:16:color=0x0d1117"
)


def write_contact_sheet(jobs: Sequence[Finished], path: Path) -> Path:
    """Write a JPEG of the derivatives of a video, an image and an audio file, given in this order."""
    video, image, audio = jobs
    chosen = (_file(image, "thumbnail"), _file(video, "preview"), _file(audio, "waveform"))
    inputs = [argument for each in chosen for argument in ("-i", str(each))]
    output = ("-filter_complex", _LAYOUT, "-frames:v", "1", "-q:v", "4", str(path))
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y", *inputs, *output]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=SECONDS)
    if done.returncode:
        raise SetupProblem(f"ffmpeg could not write {path}: {done.stderr.strip()}")
    return path


def _file(job: Finished, kind: str) -> Path:
    return next(file.path for file in job.files if file.kind == kind)
