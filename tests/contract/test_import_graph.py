"""The shared layer's packages form layers. Imports go to lower layers only, so the graph has no cycle."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

from contract.terraform_functions import ROOT

LAYER = ROOT / "layers" / "shared" / "python"
# Ordered from the bottom to the top. A package may import those before it. ADR 46 says what each one holds.
LAYERS = (
    "errors",
    "times",
    "tls",
    "strict_json",
    "log",
    "degraded",
    "settings",
    "worker",
    "access",
    "http",
    "jobs",
    "limits",
    "outbound",
    "aws",
    "replicate",
    "records",
    "cache",
    "media",
    "models",
    "lifecycle",
    "wiring",
)


def imported(source: str) -> Iterator[str]:
    """List the modules of the layer that a module imports, also inside functions."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("mediagen."))
        elif isinstance(node, ast.ImportFrom) and node.module == "mediagen":
            yield from (f"mediagen.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("mediagen."):
            yield node.module


def part(module: str) -> str:
    """Return the package or top-level module below `mediagen` that a module belongs to."""
    return module.split(".")[1]


def modules_of(layer: Path) -> Iterator[tuple[str, list[str]]]:
    """List each module with the modules that it imports."""
    for path in sorted((layer / "mediagen").rglob("*.py")):
        yield ".".join(path.relative_to(layer).with_suffix("").parts), list(imported(path.read_text()))


def edges(layer: Path) -> Iterator[tuple[str, str, str]]:
    """List (module, its package, package that it imports) for each import that leaves its package."""
    for module, targets in modules_of(layer):
        for target in targets:
            if part(target) != part(module):
                yield module, part(module), part(target)


def upward(layer: Path) -> list[str]:
    """List the imports that do not go to a lower layer."""
    rank = {name: number for number, name in enumerate(LAYERS)}
    return [f"{module} imports {target}" for module, own, target in edges(layer) if rank[target] >= rank[own]]


def test_every_import_between_packages_goes_to_a_lower_layer() -> None:
    assert upward(LAYER) == []


def test_every_package_has_its_place_in_the_layers() -> None:
    packages = {path.parent.name for path in (LAYER / "mediagen").glob("*/__init__.py")}
    modules = {path.stem for path in (LAYER / "mediagen").glob("*.py")}
    assert packages | modules - {"__init__"} == set(LAYERS)


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = {module: {target for target in targets if target != module} for module, targets in modules_of(LAYER)}
    assert len(list(TopologicalSorter(graph).static_order())) > 90  # raises CycleError


def test_handlers_and_flows_stay_out_of_the_layer() -> None:
    functions = {path.name for path in (ROOT / "lambdas").iterdir() if path.is_dir()}
    for path in (LAYER / "mediagen").rglob("*.py"):
        tree = ast.walk(ast.parse(path.read_text()))
        names = {node.module.partition(".")[0] for node in tree if isinstance(node, ast.ImportFrom) and node.module}
        assert not names & functions, path


def test_an_upward_import_is_found(tmp_path: Path) -> None:
    package = tmp_path / "mediagen" / "jobs"
    package.mkdir(parents=True)
    (package / "job.py").write_text("def late():\n    from mediagen.wiring.clients import database\n")
    assert upward(tmp_path) == ["mediagen.jobs.job imports wiring"]
