"""Values from the command line and from files, with the types that JSON knows."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from vsl.endings import misused

type Pair = tuple[str, Any]


def typed(argument: str) -> Pair:
    """Read NAME=VALUE: a number, true, false, null, JSON in brackets or quotes; anything else is text."""
    name, value = text(argument)
    return name, _value(value)


def text(argument: str) -> Pair:
    """Read NAME=VALUE whose value is text, whatever it looks like. Raises ValueError."""
    name, equals, value = argument.partition("=")
    if not name or not equals:
        raise ValueError(f"{argument} is not NAME=VALUE")
    return name, value


def merged(given: Sequence[Pair], file: str | None, option: str = "--param") -> dict[str, Any]:
    """Put params together; those of the command line win over those of the file. Raises Ended."""
    names = [name for name, _ in given]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise misused(f"{option} {twice[0]} is given twice")
    found = {} if file is None else read_json(file)
    if not isinstance(found, dict):
        raise misused(f"{file} must hold a JSON object, such as {{'fps': 24}}".replace("'", '"'))
    return found | dict(given)


def read_json(file: str) -> Any:
    """Read a file of JSON; `-` is standard input. Raises Ended."""
    content = read(file)
    try:
        return strict(content)
    except ValueError as error:
        raise misused(f"{file} is not JSON: {error}") from None


def read(file: str) -> str:
    """Read a file of text; `-` is standard input. Raises Ended."""
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise misused(f"{file} cannot be read: {error}") from None


def strict(content: str) -> Any:
    """Read JSON as its standard has it: without NaN and Infinity. Raises ValueError."""
    return json.loads(content, parse_constant=_refuse)


def _value(value: str) -> Any:
    try:
        return strict(value)
    except ValueError:
        return value


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
