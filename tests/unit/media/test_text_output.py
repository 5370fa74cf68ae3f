"""A model's outputs that are not files."""

import json

import pytest

from mediagen.media.file_types import JSON, TEXT
from mediagen.media.text_output import text_output

A, B = "https://replicate.delivery/a.mp4", "data:image/png;base64,AAAA"


@pytest.mark.parametrize("output", [None, "", " \n", [], {}, [None, [""]], A, [A, B], {"video": A, "more": None}])
def test_files_alone_have_no_text(output: object) -> None:
    assert text_output(output, {}) is None


@pytest.mark.parametrize("text", ["a poem", "see https://replicate.delivery/a.png", "data: none", "ü \ud800"])
def test_a_text_is_kept_as_it_is(text: str) -> None:
    assert text_output(text, {}) == (text.encode(errors="replace"), TEXT)


@pytest.mark.parametrize("output", [["one", " token"], {"score": 0.5}, [0], False, {"a": [{"b": "c"}]}])
def test_everything_else_is_kept_as_json(output: object) -> None:
    found = text_output(output, {})
    assert found is not None
    assert (json.loads(found[0]), found[1]) == (output, JSON)


def test_links_become_the_names_of_the_stored_files() -> None:
    found = text_output({"video": A, "image": B, "seed": 42}, {A: "original.mp4"})
    assert found is not None
    assert json.loads(found[0]) == {"video": "original.mp4", "image": None, "seed": 42}
