"""Run a module's tests on its mutants, each in a forked process that has already imported most modules."""

import os
import resource
import signal
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType

import pytest
from hypothesis import settings

CPU_SECONDS = 30  # limit for a mutant in an endless loop; the slowest tests here take 3 s
WALL_SECONDS = 60.0  # one that waits
TEST_SECONDS = 15  # for a single test; here they take 1 at most
POLL_SECONDS = 0.02
EXAMPLES = 40  # examples of a property; a hundred seldom find more
_NO_TESTS = 5
# Loading all installed plugins takes three times as long as most of these tests.
_PLUGINS = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": "_hypothesis_pytestplugin,pytest_timeout"}


class NotJudged(SystemExit):
    """The tests cannot judge mutants, because they fail without one or there are none."""


class Mutated(SourceFileLoader):
    """Loads a module from another source; tracebacks and `inspect` see the real file."""

    def __init__(self, module: str, path: Path, source: str) -> None:
        super().__init__(module, str(path))
        self._source = source

    def get_code(self, fullname: str) -> CodeType:
        """Compile the mutated source."""
        return compile(self._source, self.path, "exec")


class Instead(MetaPathFinder):
    """A finder for one module, with its mutated loader."""

    def __init__(self, loader: Mutated) -> None:
        self._loader = loader

    def find_spec(self, fullname: str, path: object, target: ModuleType | None = None) -> ModuleSpec | None:
        if fullname != self._loader.name:
            return None
        return spec_from_file_location(fullname, self._loader.path, loader=self._loader)


def warm() -> None:
    """Import once what all tests need and no mutant changes."""
    for name in ("hypothesis.strategies", "pg8000.native", "redis", "standardwebhooks", "urllib3"):
        import_module(name)
    settings.register_profile("mutation", max_examples=EXAMPLES, derandomize=True, deadline=None, database=None)


def survive(module: str, path: Path, sources: Iterable[str], tests: Iterable[str]) -> list[bool]:
    """Return for each source whether it survives, that is, all tests pass. Raises NotJudged without a test."""
    children = [_start(Instead(Mutated(module, path, source)), tests) for source in sources]
    codes = [_wait(child) for child in children]
    if _NO_TESTS in codes:
        raise NotJudged(f"no tests for {module}")
    return [code == 0 for code in codes]


def _start(instead: Instead, tests: Iterable[str]) -> int:
    child = os.fork()
    if child == 0:
        _run(instead, tests)
    return child


def _run(instead: Instead, tests: Iterable[str]) -> None:
    os.setsid()
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(silence, stream)
    code = 1
    try:
        os.environ.update(_PLUGINS)
        sys.meta_path.insert(0, instead)
        options = ["-x", "-q", "-p", "no:cacheprovider", "--hypothesis-profile=mutation", f"--timeout={TEST_SECONDS}"]
        code = int(pytest.main([*options, *tests]))
    finally:
        os._exit(code)  # exits although threads may hang


def _wait(child: int) -> int:
    """Wait for a process and kill its children; a killed process counts as failed."""
    end = time.monotonic() + WALL_SECONDS
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        late = time.monotonic() > end
        if done or late:
            with suppress(ProcessLookupError):
                os.killpg(child, signal.SIGKILL)
        if done:
            return os.waitstatus_to_exitcode(status)
        if late:
            os.waitpid(child, 0)
            return 1
        time.sleep(POLL_SECONDS)
