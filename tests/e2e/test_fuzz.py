"""A short `make fuzz` with one seed: valid and invalid requests, in all phases."""

from pathlib import Path

from e2e.parts import Platform
from fuzz.running import Run, fuzz, make_users

SHORT = Run(examples=10, seed=20261123)


def test_every_answer_to_a_fuzzed_request_is_documented(platform: Platform, tmp_path: Path) -> None:
    users = make_users(platform.deployer, tmp_path)
    code, told = fuzz(platform.environment, users, SHORT, quiet=True)
    assert code == 0, told
