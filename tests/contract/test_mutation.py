"""The mutation run's premises: its modules and tests exist, and each explained mutant is still in the code."""

import re

import pytest

from common.paths import ROOT
from integration.flows.faults.seeded import BUGS
from mutation.modules import TARGETS, Target
from mutation.page import ENOUGH, PAGE, SEEDED, explanations
from mutation.seeded import MISSED

ROW = re.compile(r"\| (.+) \| `(.+)` \| (\d+) \| (\d+) \| (\d+) \| [\d.]+% \|")


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.module)
def test_a_module_and_its_tests_exist(target: Target) -> None:
    assert target.path.is_file()
    assert target.tests
    assert all((ROOT / "tests" / test).exists() for test in target.tests)


def test_explained_mutants_still_exist_in_their_modules() -> None:
    sources = {target.module: "".join(target.path.read_text().split()) for target in TARGETS}
    for module, survivor in explanations():
        assert "".join(survivor.was.split()) in sources[module], survivor


def test_the_page_reports_each_modules_kill_rate_and_explains_survivors() -> None:
    page = PAGE.read_text()
    rows = ROW.findall(page)
    assert [(part, module) for part, module, *_ in rows] == [(target.part, target.module) for target in TARGETS]
    assert "not explained" not in page
    for part in {target.part for target in TARGETS}:
        counts = [(int(made), int(killed)) for of, _, made, killed, _ in rows if of == part]
        assert sum(killed for _, killed in counts) >= ENOUGH * sum(made for made, _ in counts)


def test_the_page_has_every_seeded_bug_as_caught() -> None:
    chapter = PAGE.read_text().partition(SEEDED)[2]
    rows = re.findall(r"^\| ([a-z ]+) \| \d+ \| (.+) \|$", chapter, re.MULTILINE)
    assert [bug.replace(" ", "_") for bug, _ in rows] == list(BUGS)
    assert MISSED not in chapter
