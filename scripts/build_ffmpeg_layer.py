"""Zip the ffmpeg layer: the one binary of the pinned imageio-ffmpeg wheel, as /opt/bin/ffmpeg."""

import argparse
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from package_files import MACHINES, ROOT, layer_zips
from reproducible_zip import write_zip

SOURCES = ROOT / "layers" / "ffmpeg"
PROGRAM = "bin/ffmpeg"
LEVEL = 6  # level 9 takes twice as long for 0.4 % less


def build(architecture: str, target: Path) -> None:
    """Write the layer's zip for one processor architecture (Lambda's name for it)."""
    with tempfile.TemporaryDirectory() as download, tempfile.TemporaryDirectory() as folder:
        wheel = _download(MACHINES[architecture], Path(download))
        program = Path(folder, PROGRAM)
        program.parent.mkdir()
        with zipfile.ZipFile(wheel) as archive:
            [name] = [name for name in archive.namelist() if "/binaries/ffmpeg-linux-" in name]
            with archive.open(name) as binary, program.open("wb") as copy:
                shutil.copyfileobj(binary, copy)
        shutil.copyfile(SOURCES / "NOTICE.txt", Path(folder, "NOTICE-ffmpeg.txt"))
        write_zip(Path(folder), target, programs={PROGRAM}, level=LEVEL)


def _download(machine: str, folder: Path) -> Path:
    options = ["--quiet", "--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes"]
    wheel = ["--only-binary=:all:", f"--platform=manylinux2014_{machine}", f"--dest={folder}"]
    requirements = f"-r{SOURCES / 'requirements.txt'}"
    subprocess.run([sys.executable, "-m", "pip", "download", *options, *wheel, requirements], check=True)
    [found] = folder.glob("*.whl")
    return found


def main() -> None:
    """Build for the architecture named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("architecture", choices=MACHINES)
    architecture = parser.parse_args().architecture
    build(architecture, layer_zips(architecture)["ffmpeg"])


if __name__ == "__main__":
    main()
