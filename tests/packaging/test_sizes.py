"""Sizes stay within their budgets, and a build over budget fails."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from common.paths import ROOT
from local_cloud.packages import layer_platform
from packages import sizes
from packages.files import FUNCTION_LIMIT, UNZIPPED_LIMIT, OverBudget, function_names, require_at_most


def test_every_package_is_within_its_budget() -> None:
    lines = list(sizes.table(function_names(), layer_platform()))
    assert [line.split()[0] for line in lines[1:]] == [*function_names(), "shared", "ffmpeg", "process_webhook"]


def test_a_zip_over_its_budget_is_refused_with_both_figures(tmp_path: Path) -> None:
    path = tmp_path / "large.zip"
    path.write_bytes(bytes(FUNCTION_LIMIT))
    require_at_most(FUNCTION_LIMIT, path)
    path.write_bytes(bytes(FUNCTION_LIMIT + 1))
    with pytest.raises(OverBudget, match=r"large\.zip has 10,001 bytes, 1 over its budget of 10,000"):
        require_at_most(FUNCTION_LIMIT, path)


def test_too_much_to_unpack_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sizes, "UNZIPPED_LIMIT", UNZIPPED_LIMIT // 10)
    with pytest.raises(OverBudget, match="process_webhook and its layers unpack to"):
        list(sizes.table(["process_webhook"], layer_platform()))


def test_the_build_of_a_function_over_budget_fails_in_one_line(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    folder = tmp_path / "lambdas" / "get_status"
    folder.mkdir(parents=True)
    (folder / "handler.py").write_text(f"KEY = {os.urandom(FUNCTION_LIMIT).hex()!r}\n")
    command = [sys.executable, "-m", "packages.function", "get_status"]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "scripts")}
    failed = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert failed.returncode == 1
    assert "over its budget" in failed.stderr
    assert failed.stderr.count("\n") == 1
