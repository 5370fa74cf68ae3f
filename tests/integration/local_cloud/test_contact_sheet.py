"""The demo's contact sheet, which the real ffmpeg makes from derivatives of usual and odd shapes."""

import subprocess
from pathlib import Path

import imageio_ffmpeg
import pytest

from common.generation import Finished, SavedFile
from common.media import Media, probe
from common.problems import SetupProblem
from local_cloud.contact_sheet import write_contact_sheet


def job(folder: Path, kind: str, name: str, source: str) -> Finished:
    """Return a completed job with one derivative, which ffmpeg makes from a test source."""
    path = folder / name
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi", "-i", source, str(path)]
    subprocess.run(command, check=True)
    return Finished(name, [SavedFile(path, kind, path.stat().st_size, None, "")])


@pytest.mark.parametrize("size", ["320x180", "33x400", "401x17"])
def test_all_derivatives_are_on_one_picture_of_one_size(tmp_path: Path, size: str) -> None:
    video = job(tmp_path, "preview", "preview.gif", f"testsrc=s={size}:d=2:r=8")
    image = job(tmp_path, "thumbnail", "thumbnail.png", f"testsrc=s={size}:d=1:r=1")
    audio = job(tmp_path, "waveform", "waveform.png", "testsrc=s=1200x200:d=1:r=1")
    sheet = write_contact_sheet([video, image, audio], tmp_path / "sheet.jpg")
    assert probe(sheet) == Media("image", 1296, 392)


def test_a_file_that_ffmpeg_cannot_read_is_named(tmp_path: Path) -> None:
    image = job(tmp_path, "thumbnail", "thumbnail.png", "testsrc=s=32x32:d=1:r=1")
    (tmp_path / "preview.gif").write_text("no picture")
    video = Finished("video", [SavedFile(tmp_path / "preview.gif", "preview", 10, None, "")])
    audio = Finished("audio", [SavedFile(image.files[0].path, "waveform", 10, None, "")])
    with pytest.raises(SetupProblem, match=r"Error opening input.*preview\.gif"):
        write_contact_sheet([video, image, audio], tmp_path / "sheet.jpg")
