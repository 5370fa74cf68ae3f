"""The ffmpeg layer has a program that runs here, and says whose it is."""

import subprocess
import zipfile
from pathlib import Path

PICTURE = ["-f", "lavfi", "-i", "testsrc=size=32x32:rate=1:duration=1", "-frames:v", "1"]


def test_the_program_of_the_layer_makes_a_picture(layers: dict[str, Path], tmp_path: Path) -> None:
    with zipfile.ZipFile(layers["ffmpeg"]) as archive:
        program = Path(archive.extract("bin/ffmpeg", tmp_path))
    program.chmod(0o755)
    made = tmp_path / "picture.png"
    subprocess.run([program, "-v", "error", *PICTURE, made], check=True)
    assert made.read_bytes().startswith(b"\x89PNG")


def test_the_layer_names_the_licence_of_the_program(layers: dict[str, Path]) -> None:
    with zipfile.ZipFile(layers["ffmpeg"]) as archive:
        assert sorted(archive.namelist()) == ["NOTICE-ffmpeg.txt", "bin/ffmpeg"]
        assert b"GNU General Public License" in archive.read("NOTICE-ffmpeg.txt")
