"""Each unpacked zip works with the shared layer alone, and loads no more than its budget when imported."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from expected_functions import FUNCTIONS
from packages.files import function_names

PROBE = """
import importlib, importlib.util, json, sys
name, task, layer = sys.argv[1:]
sys.path[:0] = [task, layer]
handler = importlib.import_module(f"{name}.handler")
files = {module: getattr(loaded, "__file__", None) or "" for module, loaded in sys.modules.items()}
print(json.dumps({
    "callable": callable(handler.lambda_handler),
    "loaded": sorted({module.partition(".")[0] for module, file in files.items() if file.startswith(layer)}),
    "aws_sdk": [name for name in ("boto3", "botocore") if importlib.util.find_spec(name)],
}))
"""
IMPORT_EVERYTHING = """
import importlib, pkgutil, sys
sys.path.insert(0, sys.argv[1])
import mediagen
for module in pkgutil.walk_packages(mediagen.__path__, "mediagen."):
    importlib.import_module(module.name)
import fastjsonschema, pg8000.native, redis, urllib3
"""


def isolated(program: str, *arguments: str | Path) -> str:
    """Run a program on a bare interpreter: no environment, no site-packages, nothing written."""
    command = [sys.executable, "-I", "-S", "-B", "-c", program, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={})
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def imports(task_roots: dict[str, Path], shared_layer: Path) -> dict[str, Any]:
    """What importing each handler did, by the function's name."""
    return {name: json.loads(isolated(PROBE, name, root, shared_layer)) for name, root in task_roots.items()}


@pytest.mark.parametrize("name", function_names())
def test_a_function_is_importable_with_the_shared_layer_alone(name: str, imports: dict[str, Any]) -> None:
    assert imports[name]["callable"]
    assert imports[name]["aws_sdk"] == []


@pytest.mark.parametrize("name", function_names())
def test_importing_a_handler_loads_exactly_its_budget(name: str, imports: dict[str, Any]) -> None:
    assert set(imports[name]["loaded"]) - {"mediagen"} == FUNCTIONS[name].loaded


def test_every_function_has_an_import_budget() -> None:
    assert sorted(FUNCTIONS) == function_names()


def test_all_of_the_shared_layer_that_we_use_is_in_it(shared_layer: Path) -> None:
    isolated(IMPORT_EVERYTHING, shared_layer)
