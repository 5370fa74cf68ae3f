"""Shared by the unit tests: property tests without time limits, and a log reader that checks every line."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import settings

from unit.log_lines import check_line

settings.register_profile("unit", deadline=None)
settings.load_profile("unit")

type Logged = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def logged(capsys: pytest.CaptureFixture[str]) -> Logged:
    """Return the lines logged since the last call; each is checked against the rules of the format."""

    def read() -> list[dict[str, Any]]:
        lines = [json.loads(line, parse_constant=pytest.fail) for line in capsys.readouterr().out.splitlines()]
        for line in lines:
            check_line(line)
        return lines

    return read
