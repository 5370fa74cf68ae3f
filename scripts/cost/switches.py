"""Price a single change of an environment's variables, in dollars of its idle month."""

import json
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from cost.idle import idle_total
from cost.sizes import Sizes


@dataclass(frozen=True)
class Switch:
    """A variable, its attribute if it is an object, and the other value."""

    variable: str
    attribute: str | None
    value: Any
    gives: str

    @property
    def text(self) -> str:
        """Write the change as it stands in a tfvars file."""
        value = json.dumps(self.value)
        return f"{self.variable} = " + (value if self.attribute is None else f"{{ {self.attribute} = {value} }}")


SWITCHES = (
    Switch("network", "endpoints", [], "parameters and secrets are read through NAT, over the internet"),
    Switch("network", "redundant", True, "a failed zone does not affect the others"),
    Switch("database", "multi_az", True, "a standby in another zone takes over within a minute or two"),
    Switch("database", "proxy", True, "hundreds of functions share few connections"),
    Switch("cache", "replicas", 1, "a copy takes over when the first node fails"),
    Switch("cache", "engine", "redis", "Redis 7.1 instead of Valkey"),
    Switch("customer_key", None, True, "every use of the data's key is recorded, and can be revoked"),
    Switch("functions", "snap_start", True, "functions start from a snapshot (for each version that is kept)"),
    Switch("functions", "tracing", True, "traces that show where a slow call spent its time"),
)


def difference(switch: Switch, sizes: Sizes) -> float | None:
    """Return the dollars that a switch adds to a month; None if the environment has that value already."""
    values = deepcopy(sizes.values)
    if switch.attribute is None:
        values[switch.variable] = switch.value
    elif values[switch.variable] is None:
        return None
    else:
        values[switch.variable][switch.attribute] = switch.value
    return None if values == sizes.values else idle_total(replace(sizes, values=values)) - idle_total(sizes)
