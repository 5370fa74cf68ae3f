"""Signs that a function has lost one of its permissions."""

from dataclasses import dataclass
from typing import Any

from e2e.roles import Permission

DENIED = "not authorized to perform: {action}"
AWAY = "The database cannot be reached"
NO_TOKEN = "no token: AccessDenied"


@dataclass(frozen=True)
class Sign:
    """Sign of a loss: a log line with this text in its error, the status of an answer, or both.

    `part` is the part that degrades; `queue` is the queue that keeps the message.
    """

    action: str = ""
    error: str = DENIED
    part: str = ""
    status: int | None = None
    queue: str = ""

    def is_in(self, lines: list[dict[str, Any]], permission: Permission) -> bool:
        """Return whether one of the lines shows this sign."""
        error = self.error.format(action=permission.action)
        found = [line for line in lines if line["action"] == self.action and error in (line["error"] or "")]
        return any(not self.part or line["metadata"]["part"] == self.part for line in found)


def fails(error: str = DENIED, *, status: int | None = None, queue: str = "") -> Sign:
    """Expect an unhandled error."""
    return Sign("unexpected_error", error, status=status, queue=queue)


def without(part: str, error: str = DENIED) -> Sign:
    """Expect a degraded part."""
    return Sign("degraded", error, part)


REFUSED = Sign("request.refused", status=503)
POSTPONED = Sign("job.postponed", NO_TOKEN)

# The emulator does these itself, while AWS uses the role; without these permissions the function fails on AWS.
NOT_ENFORCED = {
    "logs:CreateLogStream": "the emulator writes the functions' output into the log group itself",
    "logs:PutLogEvents": "the emulator writes the functions' output into the log group itself",
    "sqs:ReceiveMessage": "the emulator's event source mapping takes messages out of the queue directly",
    "sqs:DeleteMessage": "the emulator's event source mapping takes messages out of the queue directly",
    "sqs:GetQueueAttributes": "the emulator's event source mapping knows the queue without asking",
}
