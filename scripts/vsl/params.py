"""Model parameters from the command line and from files, as JSON types."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from vsl.exits import usage_error

type Pair = tuple[str, Any]


def typed(argument: str) -> Pair:
    """Parse NAME=VALUE; a value that is valid JSON has its JSON type, any other is text."""
    name, value = text(argument)
    return name, _value(value)


def text(argument: str) -> Pair:
    """Parse NAME=VALUE with a value that is always text. Raises ValueError."""
    name, equals, value = argument.partition("=")
    if not name or not equals:
        raise ValueError(f"{argument} does not have the form NAME=VALUE")
    return name, value


def merged(given: Sequence[Pair], file: str | None, option: str = "--param") -> dict[str, Any]:
    """Merge parameters; the command line overrides the file. Raises CommandFailed."""
    names = [name for name, _ in given]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise usage_error(f"{option} {twice[0]} appears twice")
    found = {} if file is None else read_json(file)
    if not isinstance(found, dict):
        raise usage_error(f"{file} must contain a JSON object, for example {{'fps': 24}}".replace("'", '"'))
    return found | dict(given)


def read_json(file: str) -> Any:
    """Read a JSON file; `-` is standard input. Raises CommandFailed."""
    content = read(file)
    try:
        return strict(content)
    except ValueError as error:
        raise usage_error(f"{file} is not JSON: {error}") from None


def read(file: str) -> str:
    """Read a text file; `-` is standard input. Raises CommandFailed."""
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise usage_error(f"cannot read {file}: {error}") from None


def strict(content: str) -> Any:
    """Parse JSON without Python's extensions NaN and Infinity. Raises ValueError."""
    return json.loads(content, parse_constant=_refuse)


def _value(value: str) -> Any:
    try:
        return strict(value)
    except ValueError:
        return value


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
