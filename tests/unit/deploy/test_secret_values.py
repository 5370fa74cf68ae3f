"""Replicate's token is checked before it is stored, and a new signing secret leaves the old one valid for a while."""

import getpass
import io
import sys

import pytest

from common.problems import SetupProblem
from deploy.secrets import read_token, rotated

TOKEN = "r8_" + "a1B2" * 9


class Keyboard(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


def test_the_variable_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("r8_another"))
    assert read_token({"REPLICATE_API_TOKEN": f" {TOKEN}\n"}) == TOKEN


def test_a_token_can_be_piped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{TOKEN}\n"))
    assert read_token({}) == TOKEN


def test_a_person_types_it_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Keyboard())
    monkeypatch.setattr(getpass, "getpass", lambda prompt: TOKEN if "not shown" in prompt else "")
    assert read_token({}) == TOKEN


@pytest.mark.parametrize("given", ["", "\n"])
def test_a_missing_token_is_reported_with_its_source(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(given))
    with pytest.raises(SetupProblem, match=r"no Replicate API token was given \(it is at https://replicate.com"):
        read_token({})


@pytest.mark.parametrize("wrong", ["whsec_" + "a" * 32, "r8_short", f"{TOKEN} {TOKEN}", f"{TOKEN}!"])
def test_a_malformed_token_is_refused_without_being_shown(wrong: str) -> None:
    with pytest.raises(
        SetupProblem, match="this is not a Replicate API token, because those begin with r8_"
    ) as refused:
        read_token({"REPLICATE_API_TOKEN": wrong})
    assert wrong not in str(refused.value)


def test_a_signing_secret_that_is_there_stays() -> None:
    assert rotated("", "whsec_1") == "whsec_1"
    assert rotated("whsec_1", "whsec_1") == "whsec_1"


def test_a_new_signing_secret_stands_before_the_old_one_until_the_next_time() -> None:
    both = rotated("whsec_1", "whsec_2")
    assert both == "whsec_2 whsec_1"
    assert rotated(both, "whsec_2") == "whsec_2"
    assert rotated(both, "whsec_3") == "whsec_3 whsec_2"
