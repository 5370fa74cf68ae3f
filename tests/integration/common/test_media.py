"""Files are decoded completely, and named after their true type."""

import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest

from common import media
from common.generation import check
from common.media import Media, NotMedia

PICTURE = ["-f", "lavfi", "-i", "testsrc=size=64x48:rate=10:duration=1"]
SOUND = ["-f", "lavfi", "-i", "sine=duration=2"]


def make(path: Path, *arguments: str) -> Path:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *arguments, str(path)]
    subprocess.run(command, check=True)
    return path


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp"])
def test_a_picture_is_an_image(name: str, tmp_path: Path) -> None:
    assert media.probe(make(tmp_path / name, *PICTURE, "-frames:v", "1")) == Media("image", 64, 48)


@pytest.mark.parametrize("name", ["a.mp4", "a.gif"])
def test_moving_pictures_are_video(name: str, tmp_path: Path) -> None:
    found = media.probe(make(tmp_path / name, *PICTURE))
    assert (found.family, found.width, found.height) == ("video", 64, 48)
    assert found.seconds == pytest.approx(1, abs=0.2)


@pytest.mark.parametrize("name", ["a.wav", "a.mp3"])
def test_sound_is_audio(name: str, tmp_path: Path) -> None:
    found = media.probe(make(tmp_path / name, *SOUND))
    assert found.family == "audio"
    assert found.seconds == pytest.approx(2, abs=0.1)


def test_a_file_cut_short_is_no_media(tmp_path: Path) -> None:
    path = make(tmp_path / "a.png", *PICTURE, "-frames:v", "1")
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(NotMedia):
        media.probe(path)


@pytest.mark.parametrize("content", [b"", b"<html>not found</html>"])
def test_something_else_is_no_media(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(content)
    with pytest.raises(NotMedia):
        media.probe(path)


def test_a_first_frame_fits_in_a_text_parameter(tmp_path: Path) -> None:
    noise = ["-f", "lavfi", "-i", "nullsrc=size=1344x768,geq=random(1)*255:128:128", "-frames:v", "1"]
    uri = media.first_frame(make(tmp_path / "a.png", *noise))
    assert uri.startswith("data:image/jpeg;base64,")
    assert len(uri) < 20_000


def described(path: Path, kind: str) -> dict[str, Any]:
    content = path.read_bytes()
    return {"kind": kind, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def test_a_file_that_is_what_the_status_says_has_no_problem(tmp_path: Path) -> None:
    path = make(tmp_path / "a.mp4", *PICTURE)
    found, problem = check(path, described(path, "original"), "video")
    assert found
    assert problem == ""


def test_a_file_of_another_family_is_a_problem(tmp_path: Path) -> None:
    path = make(tmp_path / "a.png", *PICTURE, "-frames:v", "1")
    assert check(path, described(path, "original"), "video")[1] == "it is image, not video"
    assert check(path, described(path, "waveform"), "audio")[1] == ""


def test_a_file_other_than_the_status_says_is_a_problem(tmp_path: Path) -> None:
    path = make(tmp_path / "a.png", *PICTURE, "-frames:v", "1")
    right = described(path, "original")
    assert "instead of the 1 in the status" in check(path, right | {"bytes": 1}, "image")[1]
    assert "SHA-256" in check(path, right | {"sha256": "0" * 64}, "image")[1]


@pytest.mark.parametrize(("text", "good"), [(json.dumps({"jobId": "1"}), True), ("[]", False), ("{", False)])
def test_metadata_is_a_json_object(text: str, good: bool, tmp_path: Path) -> None:
    path = tmp_path / "metadata.json"
    path.write_text(text)
    assert (check(path, described(path, "metadata"), "image")[1] == "") == good
