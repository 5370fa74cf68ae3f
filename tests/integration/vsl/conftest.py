"""The client and an API with scripted answers."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from common import retries
from integration.common.fake_api import Api
from vsl.__main__ import main
from vsl.exits import Exit


@dataclass(frozen=True)
class Done:
    """Result of a command."""

    code: Exit
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Return standard output, parsed as one JSON document."""
        return json.loads(self.out)

    @property
    def error(self) -> Any:
        """Return the document's error member."""
        return self.document["error"]


type Run = Callable[..., Done]


@pytest.fixture
def api() -> Iterator[Api]:
    with Api() as api:
        yield api


@pytest.fixture
def vsl(api: Api, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run a command in an empty folder, without pauses that the API did not request."""
    monkeypatch.setenv("VSL_API_URL", api.url)
    monkeypatch.setenv("VSL_API_KEY", "key")
    monkeypatch.setattr(retries, "FIRST_PAUSE_SECONDS", 0.0)
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Done:
        capfd.readouterr()
        code = main(arguments)
        told = capfd.readouterr()
        return Done(Exit(code), told.out, told.err)  # type: ignore[call-arg]  # it is found by its code

    return run
