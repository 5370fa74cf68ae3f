"""Values from the command line get JSON types."""

import json
from pathlib import Path
from typing import Any

import pytest

from vsl.exits import CommandFailed
from vsl.params import merged, read_json, text, typed


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("24", 24),
        ("-0.5", -0.5),
        ("1e3", 1000.0),
        ("true", True),
        ("null", None),
        ("[1, 2]", [1, 2]),
        ('{"a": 1}', {"a": 1}),
        ('"24"', "24"),
        ("16:9", "16:9"),
        ("007", "007"),
        ("True", "True"),
        ("NaN", "NaN"),
        ("-Infinity", "-Infinity"),
        ("[[fault:slow]]", "[[fault:slow]]"),
        ("a=b", "a=b"),
        ("", ""),
    ],
)
def test_a_value_is_what_it_looks_like(written: str, value: Any) -> None:
    name, read = typed(f"name={written}")
    assert (name, read, type(read)) == ("name", value, type(value))
    assert text(f"name={written}") == ("name", written)


@pytest.mark.parametrize("argument", ["fps", "=24", ""])
def test_a_name_and_a_value_are_needed(argument: str) -> None:
    with pytest.raises(ValueError, match="does not have the form NAME=VALUE"):
        typed(argument)


def test_the_command_line_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "params.json"
    file.write_text(json.dumps({"fps": 8, "loop": True}))
    assert merged([("fps", 24)], str(file)) == {"fps": 24, "loop": True}


@pytest.mark.parametrize("content", ["[1]", "{", '{"a": NaN}', "", "\udcff"])
def test_a_file_that_holds_no_json_object_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "params.json"
    file.write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(CommandFailed):
        merged([], str(file))


def test_a_param_that_is_given_twice_is_refused() -> None:
    with pytest.raises(CommandFailed, match="--param fps appears twice"):
        merged([("fps", 1), ("fps", 2)], None)


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(CommandFailed, match=r"cannot read nowhere\.json"):
        read_json("nowhere.json")
