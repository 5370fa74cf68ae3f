"""A short `make fuzz` with one seed: valid and invalid requests, in all phases."""

from pathlib import Path

from e2e.parts import Platform
from fuzz.running import Run, fuzz, make_users

SHORT = Run(examples=10, seed=20261123)


def test_nothing_that_is_asked_gets_an_answer_that_the_document_does_not_have(
    platform: Platform, tmp_path: Path
) -> None:
    users = make_users(platform.deployer, tmp_path)
    code, told = fuzz(platform.environment, users, SHORT, quiet=True)
    assert code == 0, told
