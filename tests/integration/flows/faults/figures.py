"""What a run of the faults came to, for docs/reliability.md."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from math import ceil
from pathlib import Path

from integration.flows.faults.kinds import Fault
from integration.flows.faults.steps import STEPS

FILE = Path(__file__).parents[4] / "build" / "faults.json"


@dataclass
class Figures:
    """Counts of a run; nothing is in them that a run did not do."""

    faults: dict[str, dict[str, int]] = field(default_factory=dict)
    meanwhile: int = 0
    histories: int = 0
    history_steps: int = 0

    def tried(self, fault: Fault, took: timedelta, broken: int) -> None:
        """Count a case, how long it took to be over, and the promises it broke."""
        seen = self.faults.setdefault(str(fault), {"cases": 0, "broken": 0, "minutes": 0})
        seen["cases"] += 1
        seen["broken"] += broken
        seen["minutes"] = max(seen["minutes"], ceil(took / timedelta(minutes=1)))

    def write(self) -> None:
        """Write the file that `make soak` reads."""
        steps = {step for flow in STEPS.values() for step in flow}
        counts = {"meanwhile": self.meanwhile, "histories": self.histories, "history_steps": self.history_steps}
        FILE.parent.mkdir(exist_ok=True)
        FILE.write_text(json.dumps(counts | {"flows": len(STEPS), "steps": len(steps), "faults": self.faults}))
