"""Without a package index the build fails with one line, and no traceback."""

import os
import subprocess
import sys
from pathlib import Path

from common.paths import ROOT

NO_INDEX = {
    "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
    "PIP_RETRIES": "0",
    "PIP_FIND_LINKS": "",
    "PIP_NO_CACHE_DIR": "1",
}


def test_a_build_without_a_package_index_ends_in_one_line(tmp_path: Path) -> None:
    target = repr(str(tmp_path / "layer.zip"))
    build = f"from packages.shared_layer import build; from pathlib import Path; build(Path({target}))"
    done = subprocess.run(
        [sys.executable, "-c", build],
        capture_output=True,
        text=True,
        env={**os.environ, **NO_INDEX, "PYTHONPATH": str(ROOT / "scripts")},
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-1].startswith("pip install failed: No matching distribution found for ")
    assert not (tmp_path / "layer.zip").exists()
