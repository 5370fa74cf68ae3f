"""Which step fails in which way: all there are, and those of them that every run of the tests tries.

A run tries every step with every fault once, in turn in the flows that have the step. `make soak` tries all of them in
every flow.
"""

import os
from collections import defaultdict
from collections.abc import Iterator

from integration.flows.faults.kinds import Fault, faults_of
from integration.flows.faults.steps import STEPS

type Case = tuple[str, str, Fault]


def every_case() -> Iterator[Case]:
    """List every step of every flow with every fault it can have."""
    for flow, steps in STEPS.items():
        for step in steps:
            for fault in faults_of(step):
                yield flow, step, fault


def chosen_cases() -> list[Case]:
    """List the cases of a run; with EVERY_FAULT all there are."""
    if os.environ.get("EVERY_FAULT"):
        return list(every_case())
    flows: dict[tuple[str, Fault], list[str]] = defaultdict(list)
    for flow, step, fault in every_case():
        flows[step, fault].append(flow)
    return [(having[turn % len(having)], *failing) for turn, (failing, having) in enumerate(flows.items())]
