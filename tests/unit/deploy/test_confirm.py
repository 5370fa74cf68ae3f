"""Nothing changes without a confirmation: a person types the exact word, or a pipeline names the environment."""

import sys

import pytest

from common.problems import SetupProblem
from deploy.confirm import confirm


class Terminal:
    """A person who types one line, or nothing at all."""

    def __init__(self, typed: str | None) -> None:
        self.typed = typed

    def isatty(self) -> bool:
        return self.typed is not None

    def readline(self) -> str:
        return f"{self.typed}\n" if self.typed else ""


def ask(monkeypatch: pytest.MonkeyPatch, typed: str | None, **environ: str) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    confirm("Apply? ", "yes", prefix="vsl-dev", environ=environ)


def test_a_yes_is_a_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    ask(monkeypatch, "yes")


@pytest.mark.parametrize("typed", ["y", "Yes", "no", "vsl-dev", ""])
def test_anything_else_is_a_no(typed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SetupProblem, match="not confirmed: nothing was changed"):
        ask(monkeypatch, typed)


def test_a_pipeline_names_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    ask(monkeypatch, None, CONFIRM="vsl-dev")


def test_a_pipeline_that_names_another_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SetupProblem, match="CONFIRM=vsl-prod is not vsl-dev: nothing was changed"):
        ask(monkeypatch, "yes", CONFIRM="vsl-prod")


def test_without_a_terminal_the_error_says_how_to_confirm(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SetupProblem, match=r"no terminal to ask for confirmation, .*: set CONFIRM=vsl-dev"):
        ask(monkeypatch, None)
