"""Client for the functions that a deployer calls: migrations, users, API keys, the poller."""

from dataclasses import dataclass
from typing import Any

from common.aws import Aws


@dataclass(frozen=True)
class Deployer:
    """Calls the functions that only a deployer calls; `functions` are their full names by Python name."""

    aws: Aws
    functions: dict[str, str]

    def migrate(self) -> Any:
        """Run the pending migrations and return them."""
        return self.aws.invoke(self.functions["apply_migrations"], {})

    def manage_access(self, action: str, **fields: Any) -> Any:
        """Create, list, rotate or revoke users and API keys."""
        return self.aws.invoke(self.functions["manage_access"], {"action": action, **fields})

    def poll(self) -> Any:
        """Run check_replicate_status now instead of at its next schedule."""
        return self.aws.invoke(self.functions["check_replicate_status"], {})

    def create_user_and_key(self, name: str) -> tuple[str, str]:
        """Create a user; return its id and an API key, which is shown only once."""
        user = self.manage_access("create-user", name=name)
        key = self.manage_access("create-key", userId=user["userId"], name=name)
        return user["userId"], key["apiKey"]
