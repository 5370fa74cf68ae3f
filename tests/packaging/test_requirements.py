"""Requirements are pinned with hashes, name no index, and tests use the shipped versions."""

import re

import pytest

from common.paths import ROOT

LAYERS = ("layers/shared/requirements.txt", "layers/ffmpeg/requirements.txt")
DEVELOPMENT = "requirements-dev.txt"
CHECKOV = "requirements-checkov.txt"
MUTATION = "requirements-mutation.txt"
CFN_LINT = "requirements-cfn-lint.txt"
REPLICATE = "requirements-replicate.txt"
REQUIREMENT = re.compile(r"^([\w.-]+)==(\S+) \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.MULTILINE)
COMMENT = re.compile(r"^ *#.*\n", re.MULTILINE)


@pytest.mark.parametrize("path", [*LAYERS, DEVELOPMENT, CHECKOV, MUTATION, CFN_LINT, REPLICATE])
def test_every_line_is_a_version_with_its_hashes(path: str) -> None:
    text = COMMENT.sub("", (ROOT / path).read_text())
    assert pinned(path)
    assert REQUIREMENT.sub("", text).strip() == ""


@pytest.mark.parametrize("path", LAYERS)
def test_what_is_shipped_is_what_is_tested(path: str) -> None:
    assert pinned(path).items() <= pinned(DEVELOPMENT).items()


def test_what_the_mutation_run_shares_with_the_tests_has_the_same_version() -> None:
    ours, tests = pinned(MUTATION), pinned(DEVELOPMENT)
    assert {name: ours[name][0] for name in ours.keys() & tests} == {
        name: tests[name][0] for name in ours.keys() & tests
    }


def pinned(path: str) -> dict[str, tuple[str, str]]:
    """Return the version and the hashes of each requirement."""
    found = REQUIREMENT.findall((ROOT / path).read_text())
    return {name: (version, hashes) for name, version, hashes in found}
