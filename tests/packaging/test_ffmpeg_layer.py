"""The ffmpeg layer has a program that runs here, and its licence."""

import subprocess
import zipfile
from pathlib import Path

import pytest

from packages.ffmpeg_layer import PROGRAM, build
from packages.files import UNZIPPED_LIMIT, unzipped_size

# The first bytes of a 64-bit Mach-O file, and its processor (mach-o/loader.h, mach/machine.h).
MACH_O = bytes.fromhex("cffaedfe")
PROCESSORS = {"macos-arm64": "0c000001", "macos-x86_64": "07000001"}
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


@pytest.mark.parametrize(("platform", "processor"), PROCESSORS.items())
def test_a_layer_for_macos_has_a_program_of_macos(platform: str, processor: str, tmp_path: Path) -> None:
    build(platform, tmp_path / "layer.zip")
    with zipfile.ZipFile(tmp_path / "layer.zip") as archive, archive.open(PROGRAM) as program:
        assert program.read(8) == MACH_O + bytes.fromhex(processor)
    assert unzipped_size(tmp_path / "layer.zip") < UNZIPPED_LIMIT
