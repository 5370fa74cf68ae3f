"""A double of Parameter Store with an account's throttling: 40 calls a second for all callers together.

https://docs.aws.amazon.com/general/latest/gr/ssm.html, "Parameter Store", standard throughput. AWS does not publish how
many calls may arrive at once; the double allows as many as in one second. A refused call does not count.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from integration.aws.scripted import Answer, Script

CALLS_PER_SECOND = 40
THROTTLED: Answer = (400, {"__type": "ThrottlingException", "message": "Rate exceeded"})


@dataclass
class ParameterStore(Script):
    """Answers GetParameter from `parameters`, with a simulated clock."""

    parameters: Mapping[str, str] = field(default_factory=dict)
    clock: Callable[[], float] = float
    calls_per_second: float = CALLS_PER_SECOND
    _left: float = CALLS_PER_SECOND
    _looked_at: float = 0.0

    def next(self, body: bytes) -> Answer:
        self.bodies.append(body)
        passed, self._looked_at = self.clock() - self._looked_at, self.clock()
        self._left = min(self.calls_per_second, self._left + passed * self.calls_per_second)
        if self._left < 1:
            return THROTTLED
        self._left -= 1
        name = json.loads(body)["Name"]
        if name not in self.parameters:
            return 400, {"__type": "ParameterNotFound"}
        return 200, {"Parameter": {"Name": name, "Value": self.parameters[name]}}
