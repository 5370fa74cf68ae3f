"""One name everywhere: folder, module, package and handler of each function; and the shape of the files."""

import ast
import io
import re
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest

from contract.terraform_functions import ROOT, argument, functions
from expected_functions import FUNCTIONS

LAMBDAS = ROOT / "lambdas"
LAYER = ROOT / "layers" / "shared" / "python"
IN_FUNCTIONS = sorted([*LAMBDAS.rglob("*.py"), *LAYER.rglob("*.py")])
ALL_PYTHON = sorted(path for top in ("lambdas", "layers", "scripts", "tests") for path in (ROOT / top).rglob("*.py"))
GENERATED = "request_validator.py"
_NOT_CODE = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
_WIDE = {"Exception", "BaseException"}

# Run in an interpreter of its own: what a module does while it is imported cannot be undone.
IMPORT_ALONE = """
import sys, os, threading
ours, module = sys.argv[1], sys.argv[2]
sys.path[:0] = sys.argv[3:]
done = []
watched = {"socket.__new__", "socket.connect", "subprocess.Popen", "os.system", "os.mkdir", "os.remove", "os.putenv"}

def note(name, _):
    if name in watched and not caller().f_code.co_filename.endswith("urllib3/util/connection.py"):
        done.append(name)  # urllib3 asks for a socket once, to find out whether there is IPv6

def caller():
    frame = sys._getframe(2)
    while frame.f_back and frame.f_code.co_filename == socket_py:
        frame = frame.f_back
    return frame

import socket
socket_py = socket.__file__
sys.addaudithook(note)

class Environment(dict):
    def _note(self, name):
        frame = sys._getframe(2)
        while frame and frame.f_code.co_filename in (os.__file__, "<frozen os>"):
            frame = frame.f_back
        if frame and frame.f_code.co_filename.startswith(ours):
            done.append(f"environment {name}")
    def __getitem__(self, name):
        self._note(name)
        return dict.__getitem__(self, name)
    def get(self, name, default=None):
        self._note(name)
        return dict.get(self, name, default)
    def __contains__(self, name):
        self._note(name)
        return dict.__contains__(self, name)

os.environ = Environment(os.environ)
before = threading.active_count()
handler = __import__(module, fromlist=["lambda_handler"]).lambda_handler
done += ["thread"] * (threading.active_count() - before)
print(callable(handler), *done)
"""


def code_lines(path: Path) -> set[int]:
    """Return the lines that hold code: no blank ones, comments or docstrings."""
    source = path.read_text()
    documented = (
        node for node in ast.walk(ast.parse(source)) if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
    )
    strings = [node.body[0] for node in documented if ast.get_docstring(node) is not None]
    texts = {line for node in strings for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)}
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {token.start[0] for token in tokens if token.type not in _NOT_CODE} - texts


def wide_handlers(path: Path) -> list[ast.ExceptHandler]:
    """Find what catches every Exception; a handler that only cleans up and raises again catches nothing."""
    handlers = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ExceptHandler)]
    wide = [each for each in handlers if each.type is None or _WIDE & set(re.findall(r"\w+", ast.unparse(each.type)))]
    return [each for each in wide if not (isinstance(each.body[-1], ast.Raise) and each.body[-1].exc is None)]


def test_there_is_a_folder_for_each_function_and_no_other() -> None:
    folders = {path.name for path in LAMBDAS.iterdir() if path.is_dir() and not path.name.startswith(("_", "."))}
    assert folders == set(FUNCTIONS)


def test_terraform_has_the_functions_in_the_order_of_the_flow() -> None:
    assert list(functions()) == list(FUNCTIONS)


def test_the_readme_of_the_folder_also_lists_them() -> None:
    linked = re.findall(r"\[(\w+)\]\(\1/?\)", (LAMBDAS / "README.md").read_text())
    assert list(dict.fromkeys(linked)) == list(FUNCTIONS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_package_and_name_on_aws_follow_the_folder(name: str) -> None:
    text = functions()[name]
    assert argument(text, "name") == f'"{name.replace("_", "-")}"'
    assert argument(text, "package") == f'var.packages["{name}"]'
    size = int(argument(text, "memory_mb")), int(argument(text, "timeout_seconds"))
    assert size == (FUNCTIONS[name].memory_mb, FUNCTIONS[name].timeout_seconds)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_folder_has_the_same_files_and_a_short_handler(name: str) -> None:
    files = {path.name for path in (LAMBDAS / name).iterdir() if path.is_file()}
    assert {"__init__.py", "handler.py", "flow.py"} <= files
    assert len(code_lines(LAMBDAS / name / "handler.py")) <= 40


@pytest.mark.parametrize("name", FUNCTIONS)
def test_importing_a_handler_does_nothing(name: str) -> None:
    command = [sys.executable, "-B", "-c", IMPORT_ALONE, str(ROOT), f"{name}.handler", str(LAMBDAS), str(LAYER)]
    result = subprocess.run(command, capture_output=True, text=True, env={"PATH": ""}, check=False, timeout=120)
    assert (result.stdout.split(), result.stderr) == (["True"], "")


def test_no_file_is_longer_than_250_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in ALL_PYTHON if path.name != GENERATED
    }
    assert {path: lines for path, lines in long.items() if lines > 250} == {}


def test_only_the_edges_catch_every_exception() -> None:
    found = {path.relative_to(ROOT).as_posix() for path in IN_FUNCTIONS if wide_handlers(path)}
    assert found == {f"layers/shared/python/mediagen/{name}" for name in ("http/edge.py", "worker.py")}


def test_functions_never_import_the_aws_sdk() -> None:
    imported = re.compile(r"^\s*(?:import|from) (?:boto3|botocore)\b", re.MULTILINE)
    assert [path.name for path in IN_FUNCTIONS if imported.search(path.read_text())] == []


def test_a_package_file_holds_a_docstring_only() -> None:
    files = [path for path in IN_FUNCTIONS if path.name == "__init__.py"]
    assert len(files) >= len(FUNCTIONS)
    assert {path: lines for path in files if (lines := code_lines(path))} == {}
