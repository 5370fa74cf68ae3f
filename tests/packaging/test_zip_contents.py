"""The zips' content: required files, and forbidden ones."""

import importlib.metadata
import importlib.util
import re
import stat
import zipfile
from pathlib import Path

import pytest

from common.paths import ROOT
from packages.files import function_names, function_zip
from packages.shared_layer import ASYNC_REDIS

CHECKED_BY_NOBODY = 0b01  # flags of a .pyc: hash-based, and not compared with the source (PEP 552)
SECRETS = re.compile(rb"r8_\w{30}|whsec_[\w+/=]{20}|AKIA[0-9A-Z]{16}|vsl_[a-z]+_\w{32}|PRIVATE KEY-----")
NOT_SHIPPED = re.compile(r"(^|/)(tests?|\.git|\.env|conftest\.py|test_\w+\.py|README.*|.*\.(pem|key|tfvars|pyi))(/|$)")

RDS_ROOT = re.compile(r"rds/[\w-]+\.pem")


@pytest.fixture
def every_zip(layers: dict[str, Path]) -> list[Path]:
    """All zips that this machine can build."""
    return [*map(function_zip, function_names()), *layers.values()]


@pytest.mark.parametrize("name", function_names())
def test_a_function_has_its_sources_below_its_import_path(name: str, task_roots: dict[str, Path]) -> None:
    sources = ROOT / "lambdas" / name
    shipped = {".py", ".json", ".html", ".css", ".js"}
    described = {f"{name}/openapi.json", f"{name}/openapi.shared.json"}  # composed into the document
    expected = {f"{name}/{path.name}" for path in sources.iterdir() if path.suffix in shipped} - described
    found = {path.relative_to(task_roots[name]).as_posix() for path in task_roots[name].rglob("*") if path.is_file()}
    assert {path for path in found if not path.endswith((".sql", "/document.json"))} == expected
    assert {f"{name}/handler.py", f"{name}/flow.py"} <= found
    assert all((task_roots[name] / path).read_bytes() == (ROOT / "lambdas" / path).read_bytes() for path in expected)


def test_the_migrations_travel_with_the_function_that_runs_them(task_roots: dict[str, Path]) -> None:
    packed = task_roots["apply_migrations"] / "apply_migrations" / "migrations"
    sources = {path.name: path.read_bytes() for path in (ROOT / "sql" / "migrations").glob("*.sql")}
    assert {path.name: path.read_bytes() for path in packed.iterdir()} == sources != {}
    assert [name for name, root in task_roots.items() if list(root.rglob("*.sql"))] == ["apply_migrations"]


def test_the_document_travels_with_the_function_that_shows_it(task_roots: dict[str, Path]) -> None:
    packed = task_roots["show_api"] / "show_api" / "document.json"
    assert packed.read_bytes() == (ROOT / "docs" / "openapi.json").read_bytes()
    assert [name for name, root in task_roots.items() if list(root.rglob("document.json"))] == ["show_api"]


def test_our_code_in_the_layer_has_source_and_bytecode_of_that_source(shared_layer: Path) -> None:
    sources = list((shared_layer / "mediagen").rglob("*.py"))
    assert sources
    for source in sources:
        bytecode = Path(importlib.util.cache_from_source(str(source), optimization="")).read_bytes()
        assert header(bytecode) == (CHECKED_BY_NOBODY, importlib.util.source_hash(source.read_bytes())), source


def test_other_packages_are_bytecode_of_the_pinned_versions_sources(shared_layer: Path) -> None:
    compiled = [path for path in shared_layer.rglob("*.pyc") if "mediagen" not in path.parts]
    assert compiled
    for path in compiled:
        module = path.relative_to(shared_layer).with_suffix(".py").as_posix()
        # The development requirements install the same versions.
        source = importlib.metadata.distribution("pg8000").locate_file(module)
        content = b"" if module == ASYNC_REDIS else Path(str(source)).read_bytes()
        expected = importlib.util.source_hash(content)
        assert header(path.read_bytes()) == (CHECKED_BY_NOBODY, expected), module


def test_every_pinned_package_is_in_the_layer_with_its_metadata(shared_layer: Path) -> None:
    requirements = (ROOT / "layers" / "shared" / "requirements.txt").read_text()
    pinned = dict(re.findall(r"^([\w.-]+)==([\w.]+)", requirements, re.MULTILINE))
    installed = importlib.metadata.distributions(path=[str(shared_layer)])
    assert {found.name: found.version for found in installed} == pinned


def test_tracebacks_name_the_place_where_lambda_puts_the_code(shared_layer: Path) -> None:
    source = shared_layer / "mediagen" / "jobs" / "ids.py"
    bytecode = Path(importlib.util.cache_from_source(str(source), optimization="")).read_bytes()
    assert b"/opt/python/mediagen/jobs/ids.py" in bytecode


def test_no_zip_holds_tests_secrets_or_paths_of_the_machine_that_built_it(every_zip: list[Path]) -> None:
    for path in every_zip:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                assert RDS_ROOT.fullmatch(name) or not NOT_SHIPPED.search(name), f"{path.name}: {name}"
                if name != "bin/ffmpeg":
                    content = archive.read(name)
                    assert not SECRETS.search(content), f"{path.name}: {name}"
                    assert str(ROOT).encode() not in content, f"{path.name}: {name}"


def test_only_ffmpeg_may_be_executed(every_zip: list[Path]) -> None:
    for path in every_zip:
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                mode = entry.external_attr >> 16
                expected = 0o755 if entry.filename == "bin/ffmpeg" else 0o644
                assert mode == stat.S_IFREG | expected, entry.filename
                assert entry.date_time == (1980, 1, 1, 0, 0, 0)


def header(bytecode: bytes) -> tuple[int, bytes]:
    """Return the flags and the source hash of a .pyc of this Python."""
    assert bytecode[:4] == importlib.util.MAGIC_NUMBER
    return int.from_bytes(bytecode[4:8], "little"), bytecode[8:16]
