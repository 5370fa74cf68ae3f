"""The README's client commands, run in order in a shell after the lines that `make up` prints."""

import os
import subprocess
from pathlib import Path

from e2e.parts import Platform
from local_cloud.demo import vsl_lines
from local_cloud.packages import ROOT


def block(title: str) -> str:
    """Return the shell commands of a section."""
    section = (ROOT / "README.md").read_text().partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    return section.partition("```sh\n")[2].partition("```")[0]


def test_the_lines_for_clients_work_as_pasted(platform: Platform, tmp_path: Path) -> None:
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    printed = vsl_lines(platform.environment.api_url, platform.environment.api_key)
    exports = [line for line in printed if line.startswith("export ")]
    pasted = "\n".join(["set -e -o pipefail", *exports, block("For API clients"), block("From the command line")])
    own = {name: value for name, value in os.environ.items() if not name.startswith("VSL_")}
    done = subprocess.run(["bash"], input=pasted, cwd=tmp_path, env=own, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "image.webp").read_bytes()[8:12] == b"WEBP"
    assert len(list((tmp_path / "out").iterdir())) == 3


def test_files_saved_by_the_commands_are_ignored_by_git() -> None:
    saved = ["image.webp", "job.json", "status.json", "out/image/metadata.json", "demo-output/image/metadata.json"]
    listed = subprocess.run(["git", "check-ignore", *saved], cwd=ROOT, capture_output=True, text=True, check=False)
    assert listed.stdout.split() == saved
