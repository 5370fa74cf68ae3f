"""docs/architecture.md: its state diagram is that of the code, and every function is on the page."""

import re
from pathlib import Path

from mediagen.jobs.state import MOVES

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/architecture.md").read_text()


def test_the_state_diagram_has_every_move_and_no_other() -> None:
    diagram = TEXT.partition("stateDiagram-v2\n")[2].partition("```")[0]
    drawn = set(re.findall(r"(\w+) --> (\w+)", diagram))
    assert drawn == {(str(state), str(target)) for state, targets in MOVES.items() for target in targets}


def test_every_function_is_on_the_page() -> None:
    functions = {path.parent.name for path in (ROOT / "lambdas").glob("*/handler.py")}
    named = set(re.findall(r"\w+", TEXT))
    assert functions <= named
