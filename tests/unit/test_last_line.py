"""A failed command is explained by its own last words."""

from pathlib import Path

import pytest

from common.commands import last_line


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("one\nno space left\n\n", "no space left"),
        (
            "no space left\nmake[1]: *** [Makefile:9: a.zip] Error 1\nmake: *** [Makefile:2: all] Error 2\n",
            "no space left",
        ),
        ("", "its log is empty"),
    ],
)
def test_the_last_meaningful_line_is_reported(text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "log").write_text(text)
    assert last_line(tmp_path / "log") == told
