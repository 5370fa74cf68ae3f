"""Zip the ffmpeg layer: the binary of the pinned imageio-ffmpeg wheel, as /opt/bin/ffmpeg."""

import argparse
import shutil
import tempfile
import zipfile
from pathlib import Path

from common.paths import ROOT
from packages.files import PLATFORMS, layer_zips
from packages.reproducible_zip import write_zip
from packages.run_pip import run_pip

SOURCES = ROOT / "layers" / "ffmpeg"
PROGRAM = "bin/ffmpeg"
LEVEL = 6  # level 9 takes twice as long for 0.4 % less


def build(platform: str, target: Path) -> None:
    """Write the layer's zip for one platform."""
    with tempfile.TemporaryDirectory() as download, tempfile.TemporaryDirectory() as folder:
        wheel = _download(PLATFORMS[platform], Path(download))
        program = Path(folder, PROGRAM)
        program.parent.mkdir()
        with zipfile.ZipFile(wheel) as archive:
            [name] = [name for name in archive.namelist() if "/binaries/ffmpeg-" in name]
            with archive.open(name) as binary, program.open("wb") as copy:
                shutil.copyfileobj(binary, copy)
        shutil.copyfile(SOURCES / "NOTICE.txt", Path(folder, "NOTICE-ffmpeg.txt"))
        write_zip(Path(folder), target, programs={PROGRAM}, level=LEVEL)


def _download(tag: str, folder: Path) -> Path:
    options = ["--quiet", "--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes"]
    wheel = ["--only-binary=:all:", f"--platform={tag}", f"--dest={folder}"]
    requirements = f"-r{SOURCES / 'requirements.txt'}"
    run_pip("download", *options, *wheel, requirements)
    [found] = folder.glob("*.whl")
    return found


def main() -> None:
    """Build for the platform named on the command line."""
    parser = argparse.ArgumentParser(prog="python -m packages.ffmpeg_layer", description=__doc__)
    parser.add_argument("platform", choices=PLATFORMS)
    platform = parser.parse_args().platform
    build(platform, layer_zips(platform)["ffmpeg"])


if __name__ == "__main__":
    main()
