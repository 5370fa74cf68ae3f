"""Resources of an environment, from its tfvars, the root's defaults and the root module."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from terraform_source import Block, literal, members, parse, read_folder, trees, values_of

TERRAFORM = Path(__file__).parents[2] / "terraform"
ENVIRONMENTS = ("dev", "staging", "homolog", "prod")  # of AWS, in the order of what they are for


@dataclass(frozen=True)
class Sizes:
    """An environment: the values of its variables, and the resources that all environments share."""

    values: dict[str, Any]
    memory_gb: dict[str, float]  # by function
    secrets: int
    queues: int
    alarms: int
    check_minutes: int

    @property
    def own_network(self) -> dict[str, Any] | None:
        """The created network; None if the VPC exists already or none is used."""
        network = self.values["network"]
        return None if network is None or network["existing"] else network

    @property
    def nat_gateways(self) -> int:
        """One, or one in each zone."""
        network = self.own_network
        return 0 if network is None else _zones_served(network)

    @property
    def endpoint_zones(self) -> int:
        """Interface endpoints, each counted in each of its zones."""
        network = self.values["network"]
        return 0 if network is None else len(network["endpoints"]) * _zones_served(network)

    @property
    def customer_keys(self) -> int:
        """One, and one more for a copy in another region."""
        return int(self.values["customer_key"]) * (2 if self.replicated else 1)

    @property
    def all_secrets(self) -> int:
        """Those of the root, RDS's own for the owner, the proxy's."""
        database = self.values["database"]
        return self.secrets + (0 if database is None else 1 + 3 * database["proxy"])  # one for each group of functions

    @property
    def replicated(self) -> bool:
        """Whether media are copied to another region."""
        return self.values["media_bucket"]["replica_region"] is not None


def _zones_served(network: dict[str, Any]) -> int:
    if not network["redundant"]:
        return 1
    existing = network["existing"]
    return int(network["zones"]) if existing is None else len(existing["function_subnet_ids"])


def sizes(environment: str) -> Sizes:
    """Read an environment."""
    path = TERRAFORM / "environments" / f"{environment}.tfvars"
    return sizes_of(parse(path.read_text(), path.name))


def sizes_of(tfvars: Block) -> Sizes:
    """Complete the values of a tfvars file with the root's defaults."""
    (schedule,) = _modules("schedule")
    return Sizes(
        values_of(tfvars, _root()),
        {block.labels[0]: literal(block.arguments["memory_mb"].tree) / 1024 for block in _modules("function")},
        len(_modules("secret")),
        len(_modules("queue")),
        sum(_times(block) for block in _modules("alarm")),
        literal(schedule.arguments["every_minutes"].tree),
    )


@cache
def _root() -> list[Block]:
    return read_folder(TERRAFORM)


def _modules(name: str) -> list[Block]:
    found = [block for file in _root() for block in file.inside("module")]
    return [block for block in found if literal(block.arguments["source"].tree) == f"./modules/{name}"]


def _times(block: Block) -> int:
    """Count the members of `for_each`, an object in place or a local."""
    if "for_each" not in block.arguments:
        return 1
    expression = block.arguments["for_each"]
    if expression.text.startswith("local."):
        name = expression.text.removeprefix("local.")
        (expression,) = (
            found.arguments[name] for file in _root() for found in file.inside("locals") if name in found.arguments
        )
    return len(list(members(trees(expression.tree.children)[0])))
