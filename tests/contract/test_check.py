"""`make check` finds planted secrets, weak spots in code, and packages with known vulnerabilities."""

import re
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import audit_packages
from contract.terraform_functions import ROOT
from local_cloud.replicate import made_up_token, made_up_webhook_secret
from mediagen.access.api_keys import new_key
from secret_scan import __main__ as secret_scan
from secret_scan.scanning import Finding, files_of_the_repository, is_skipped, known

NOSEC = re.compile(r"# nosec\b(.*)")


def planted() -> dict[str, str]:
    """Generate one secret of each kind, because none may stand in this file."""
    return {
        "ours": new_key("vsl_homolog"),
        "replicate": made_up_token(),
        "webhook": made_up_webhook_secret(),
        "aws": "AKIA" + secrets.token_hex(8).upper(),
        "github": "ghp_" + secrets.token_hex(18),
        "key": "-----BEGIN RSA " + "PRIVATE KEY-----",
    }


def scan(*files: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "secret_scan", *map(str, files)]
    environment = {"PYTHONPATH": str(ROOT / "scripts"), "PATH": ""}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_planted_secrets_are_found_by_file_and_line_and_not_shown(tmp_path: Path) -> None:
    made = planted()
    files = [tmp_path / f"{kind}.py" for kind in made]
    for path, secret in zip(files, made.values(), strict=True):
        path.write_text(f'# nothing here\nsettings = "{secret}"\n')
    done = scan(*files)
    assert done.returncode == 1
    told = re.findall(r"^secrets: .*/(.+):2: ", done.stderr, re.MULTILINE)
    assert set(told) == {path.name for path in files}
    assert not any(secret in done.stdout + done.stderr for secret in made.values())


def test_short_strings_and_known_examples_are_not_secrets(tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text("".join(f'"{text}"\n' for text in ("vsl_…", "r8_old", "whsec_…", "vsl_homolog_key", *known())))
    done = scan(path)
    assert (done.returncode, done.stderr) == (0, "")


def test_everything_known_has_a_reason() -> None:
    assert all(len(reason) > 5 for reason in known().values())


def test_an_unused_exception_must_be_removed_from_the_list(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first, *others = known()
    found = [Finding("a.py", 1, "Secret Keyword", value) for value in others]
    monkeypatch.setattr(secret_scan, "search", lambda _files: found)
    assert secret_scan.main([]) == 1
    assert (
        capsys.readouterr().err
        == f"secrets: scripts/secret_scan/known.toml: {first!r} no longer occurs: remove the entry\n"
    )
    assert secret_scan.main(["a.py"]) == 0  # a scan of some files cannot tell that a known secret is unused


def test_the_scan_covers_code_documents_and_tests() -> None:
    files = {name for name in files_of_the_repository() if not is_skipped(name)}
    assert {
        "README.md",
        "Makefile",
        "lambdas/authorize/flow.py",
        "terraform/secrets.tf",
        "tests/contract/test_check.py",
    } <= files
    assert not any(name.endswith(".pem") for name in files)


def test_bandit_looks_at_shells_and_at_assertions_of_the_functions(tmp_path: Path) -> None:
    path = tmp_path / "flow.py"
    path.write_text('import subprocess\n\nsubprocess.run("ls $HOME", shell=True)\nassert path\n')
    command = [sys.executable, "-m", "bandit", "--quiet", "--configfile", "pyproject.toml", str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert re.findall(r"\[(B\d+):", done.stdout) == ["B602", "B101"]


def test_every_exception_from_bandit_names_its_rule_and_its_reason() -> None:
    folders = (ROOT / "layers/shared/python", ROOT / "lambdas", ROOT / "scripts")
    sources = [path for folder in folders for path in folder.rglob("*.py")]
    exceptions = [found for path in sources for found in NOSEC.findall(path.read_text())]
    assert all(re.fullmatch(r" B\d{3} # .{10,}", told) for told in exceptions)


GOOD = [{"name": "redis", "version": "8.1.0", "vulns": []}]
BAD = [{"name": "urllib3", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1", "2.0"]}]}]
SKIPPED = [{"name": "redis", "skip_reason": "Dependency not found on PyPI and could not be audited: redis (8.1.0)"}]
AWAY: audit_packages.Answer = ([], "ConnectionError: no such host")


@pytest.mark.parametrize(
    ("answers", "code", "told"),
    [
        ({"pypi": (GOOD, "")}, 0, "packages: PyPI has no advisory for any of 1 packages"),
        ({"pypi": (BAD, "")}, 1, "packages: urllib3 1.0: PYSEC-1, fixed in 1.1, 2.0: run make lock UPGRADE=1"),
        ({"pypi": (SKIPPED, ""), "osv": (GOOD, "")}, 0, "packages: osv.dev has no advisory for any of 1 packages"),
        ({"pypi": AWAY, "osv": (BAD, "")}, 1, "packages: urllib3 1.0: PYSEC-1"),
        (
            {"pypi": (SKIPPED, ""), "osv": AWAY},
            0,
            "packages: no advisory service is available, nothing was checked (PyPI: it knows none of the 1 packages of "
            "layers/shared/requirements.txt, so it is a mirror without advisories; osv.dev: ConnectionError",
        ),
    ],
)
def test_packages_are_checked_by_the_service_that_knows_them(
    capsys: pytest.CaptureFixture[str], answers: dict[str, Any], code: int, told: str
) -> None:
    assert audit_packages.main([], lambda service, _path: answers[service]) == code
    said = capsys.readouterr()
    assert (said.out + said.err).startswith(told)


def test_required_advisories_that_are_missing_fail_the_check() -> None:
    assert audit_packages.main(["--required"], lambda *_: AWAY) == 1


def test_advisories_found_before_an_outage_count() -> None:
    first, *_ = audit_packages.REQUIREMENTS
    assert audit_packages.main([], lambda _service, path: (BAD, "") if path == first else AWAY) == 1


def test_every_requirements_file_is_checked() -> None:
    there = {str(path.relative_to(ROOT)) for path in (*ROOT.glob("*.txt"), *ROOT.glob("layers/*/*.txt"))}
    pinned = {name for name in there if "--hash=sha256:" in (ROOT / name).read_text()}
    assert set(audit_packages.REQUIREMENTS) == pinned
