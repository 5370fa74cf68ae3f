"""`make demo` on a running cloud: files that open, links that work, and a correct exit code."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from e2e.parts import Platform
from local_cloud.cloud import LocalCloud
from local_cloud.packages import ROOT


def run_demo(cloud: LocalCloud, output: Path) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "local_cloud",
        "--state-dir",
        str(cloud.state_dir),
        "demo",
        "--output",
        str(output),
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "scripts")}
    return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_demo_saves_a_video_an_image_and_an_audio_with_derivatives(
    cloud: LocalCloud, platform: Platform, tmp_path: Path
) -> None:
    done = run_demo(cloud, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"[\d,]+ requests of \d+ operations.*: 0 against AWS's rules", done.stdout)
    saved = {(path.parent.name.partition("-")[0], path.stem) for path in tmp_path.glob("*/*")}
    video = {("video", name) for name in ("original", "thumbnail", "preview", "metadata")}
    image = {("image", name) for name in ("original", "thumbnail", "metadata")}
    audio = {("audio", name) for name in ("original", "waveform", "metadata")}
    assert saved == video | image | audio
    assert all(str(path.name) in done.stdout for path in tmp_path.glob("*/*"))


def test_the_lines_of_the_demo_work_as_they_are_printed(cloud: LocalCloud, platform: Platform, tmp_path: Path) -> None:
    shown = run_demo(cloud, tmp_path / "demo").stdout.splitlines()
    address, key, vsl, _, generate, status, download = shown[-7:]

    def run(line: str, folder: Path) -> str:
        command = ["sh", "-c", f"{address}; {key}; {line}"]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout

    def typed(line: str) -> str:
        return run(f"{line} --silent --show-error", tmp_path)

    assert "completed" in run(vsl.replace("demo-output", str(tmp_path / "saved")), ROOT)
    assert len(list((tmp_path / "saved").iterdir())) == 3

    assert json.loads(typed(generate))["jobId"]
    assert json.loads(typed(status))["status"] == "completed"
    typed(download)
    assert (tmp_path / "original.webp").read_bytes()[8:12] == b"WEBP"


def test_the_demo_fails_when_a_job_fails_and_says_which(cloud: LocalCloud, platform: Platform, tmp_path: Path) -> None:
    platform.control("POST", "faults", {"fault": "failed", "model": "meta/musicgen"})
    done = run_demo(cloud, tmp_path)
    assert done.returncode == 1
    assert "generation_failed" in done.stderr
    assert "Traceback" not in done.stderr
