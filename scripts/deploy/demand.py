"""Demand of an environment on its account's quotas, from its .tfvars and the root's defaults."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import terraform_source
from deploy.environment import Environment

# Each queue's consumer: terraform/queues.tf.
CONSUMERS = {"submissions": "submit_job", "webhooks": "process_webhook", "callbacks": "deliver_callback"}
# Executions of the API: authorize, one function behind it, receive_webhook and the five-minute check.
API_EXECUTIONS = 4
# AWS keeps this many executions unreserved, and all of them if the account has fewer.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
UNRESERVED_MINIMUM = 100


@dataclass(frozen=True)
class Demand:
    """Concurrent Lambda executions and network resources that an environment needs."""

    functions: tuple[str, ...]  # full names
    reserved: int
    polled: int  # messages that consumers without a reservation work on
    addresses: int
    vpcs: int

    @property
    def unreserved(self) -> int:
        """Executions that must stay unreserved for this environment."""
        return max(self.polled + API_EXECUTIONS, UNRESERVED_MINIMUM if self.reserved else 0)

    @property
    def executions(self) -> int:
        """The quota that this environment needs in an account of its own."""
        return self.reserved + self.unreserved

    def __str__(self) -> str:
        if self.reserved:
            return f"{self.executions} ({self.reserved} reserved, {self.unreserved} that must stay unreserved)"
        return f"{self.executions} ({self.polled} for its queues, {API_EXECUTIONS} for the API)"


def demand_of(root: Path, environment: Environment) -> Demand:
    """Compute an environment's demand. Raises lark's errors or NotLiteral if its .tfvars cannot be read."""
    tfvars = terraform_source.parse((root / environment.values).read_text(), str(environment.values))
    files = terraform_source.read_folder(root / "terraform")
    values = terraform_source.values_of(tfvars, files)
    functions: dict[str, Any] = values.get("functions") or {"reserved_concurrency": {}, "queue_concurrency": {}}
    reserved: dict[str, int] = functions["reserved_concurrency"]
    polled = [most for queue, most in functions["queue_concurrency"].items() if CONSUMERS[queue] not in reserved]
    network = values.get("network")
    own = network if network and not network["existing"] else None
    return Demand(
        functions=tuple(f"{environment.prefix}-{folder.replace('_', '-')}" for folder in _functions(files)),
        reserved=sum(reserved.values()),
        polled=sum(polled),
        addresses=(own["zones"] if own["redundant"] else 1) if own else 0,
        vpcs=1 if own else 0,
    )


def _functions(files: list[terraform_source.Block]) -> list[str]:
    modules = [block for file in files for block in file.inside("module")]
    return [block.labels[0] for block in modules if block.arguments["source"].text == '"./modules/function"']
