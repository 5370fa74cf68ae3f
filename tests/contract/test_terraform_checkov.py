"""checkov blocks a merge: few exceptions, each with its reason, and the tests notice skipped files."""

import json
import re
from pathlib import Path

import pytest

import run_checkov

MAKEFILE = (run_checkov.ROOT / "Makefile").read_text()
SKIP = re.compile(r"checkov:skip=(.*)")
WELL_FORMED = re.compile(r"CKV2?_[A-Z]+_\d+:(.{20,})")
MOST = 15
FINE = {"summary": {"resource_count": 1, "parsing_errors": 0}}
UNREAD = {"summary": {"resource_count": 0, "parsing_errors": 1}, "results": {"parsing_errors": ["x.tftest.hcl"]}}


def sources() -> list[Path]:
    """All files under terraform/ that checkov may read."""
    return sorted(
        path for kind in ("tf", "hcl", "tfvars", "md") for path in run_checkov.ROOT.glob(f"terraform/**/*.{kind}")
    )


def test_exceptions_are_few_and_each_has_a_reason() -> None:
    skips = [found for path in sources() for found in SKIP.findall(path.read_text())]
    assert len(sources()) > 50
    assert len(skips) <= MOST, skips
    assert [skip for skip in skips if not WELL_FORMED.fullmatch(skip)] == []


def test_no_exception_is_made_elsewhere() -> None:
    names = (".checkov.yaml", ".checkov.yml", ".checkov.baseline")
    assert [found for name in names for found in run_checkov.ROOT.glob(name)] == []
    assert [found for name in names for found in run_checkov.ROOT.glob(f"terraform/**/{name}")] == []
    script = Path(run_checkov.__file__).read_text()
    assert re.findall(r"--(?:skip-(?!download)|soft|check|baseline)[a-z-]*", script) == []


def test_it_is_part_of_the_checks() -> None:
    (needs,) = re.findall(r"^check: (.*?)(?: ##.*)?$", MAKEFILE, re.MULTILINE)
    assert needs.split() == ["check-format", "check-code", "check-terraform"]  # the slow checks come first


@pytest.mark.parametrize(
    ("code", "report", "warning", "expected"),
    [
        (0, [FINE], "", 0),
        (1, [FINE], "", 1),  # a check failed
        (0, FINE, "[WARNI]  Unable to load module - source: ./x", 1),
        (0, [FINE, UNREAD], "", 1),
        (0, {"passed": 0, "failed": 0}, "", 1),  # no file was checked
    ],
)
def test_an_unchecked_file_is_a_failure(
    code: int,
    report: object,
    warning: str,
    expected: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    stub = tmp_path / "checkov"
    (tmp_path / "made").write_text(json.dumps(report))
    stub.write_text(
        f'#!/bin/sh\ncp "{tmp_path}/made" "{tmp_path}/build/report.json"\ncat "{tmp_path}/made"\n'
        f'echo "{warning}" >&2\nexit {code}\n'
    )
    stub.chmod(0o755)
    monkeypatch.setattr(run_checkov, "CHECKOV", stub)
    monkeypatch.setattr(run_checkov, "REPORT", tmp_path / "build" / "report.json")
    monkeypatch.setattr("sys.argv", ["run_checkov"])
    assert run_checkov.main() == expected
    assert ("checkov cannot read x.tftest.hcl" in capfd.readouterr().err) == (report == [FINE, UNREAD])


def test_the_tests_run_both_lanes_and_every_check() -> None:
    recipe = MAKEFILE.partition("\ntest: ")[2].partition("\ntest-unit:")[0]
    assert "--in-turn $(IN_TURN) check-format check-code check-terraform --beside $(BESIDE)" in recipe


def test_every_suite_is_in_one_lane() -> None:
    suites = re.findall(r"^(test-[a-z0-9]+): ## ", MAKEFILE, re.MULTILINE)
    lanes = re.findall(r"^(?:IN_TURN|BESIDE) := (.*)$", MAKEFILE, re.MULTILINE)
    assert sorted(suites) == sorted(" ".join(lanes).split())
