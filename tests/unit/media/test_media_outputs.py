"""Every shape in which Replicate names its output files."""

import pytest

from mediagen.media.outputs import MAX_DEPTH, collect_references

A, B, C = (f"https://replicate.delivery/pbxt/{name}/out.png" for name in "abc")
LIMIT = 64
DATA = "data:image/png;base64,iVBORw0KGgo="


@pytest.mark.parametrize(
    ("output", "found"),
    [
        (A, (A,)),
        ([A, B], (A, B)),
        ([B, A, B], (B, A)),
        ({"image": A}, (A,)),
        ({"video": B, "thumbnail": A}, (B, A)),
        ([{"file": A}, {"file": B}], (A, B)),
        ({"images": [A, {"more": [B]}], "audio": C}, (A, B, C)),
        (DATA, (DATA,)),
        ([DATA, A], (DATA, A)),
        ("http://127.0.0.1:4010/files/a.png", ("http://127.0.0.1:4010/files/a.png",)),
        ("HTTPS://replicate.delivery/A.png", ("HTTPS://replicate.delivery/A.png",)),
    ],
)
def test_each_shape_gives_its_files_in_order_and_once(output: object, found: tuple[str, ...]) -> None:
    references = collect_references(output, limit=LIMIT)
    assert references.found == found
    assert references.left_out == 0


@pytest.mark.parametrize(
    "output",
    [
        None,
        "",
        "a cat on a mat",
        "see https://replicate.delivery/a.png",
        "https://replicate.delivery/a.png is the picture",
        ["one", " token", " after", " another"],
        {"text": "hello", "seed": 42, "safe": True, "score": 0.5, "more": None},
        {A: "a key is not a reference"},
        "file:///etc/passwd",
        "data",
        [],
        {},
        42,
    ],
)
def test_an_output_without_a_file_gives_nothing(output: object) -> None:
    assert collect_references(output, limit=LIMIT).found == ()


def test_more_files_than_the_limit_are_counted_and_left_out() -> None:
    many = [f"https://replicate.delivery/{number}.png" for number in range(40)]
    references = collect_references(many, limit=16)
    assert references.found == tuple(many[:16])
    assert references.left_out == 24


def test_nesting_ends_at_the_limit_however_deep_the_value_is() -> None:
    deep: object = A
    for _ in range(MAX_DEPTH):
        deep = [deep]
    assert collect_references(deep, limit=LIMIT).found == (A,)
    for _ in range(5000):
        deep = {"deeper": deep}
    assert collect_references([deep, B], limit=LIMIT).found == (B,)
