"""RFC 9457 documents (`application/problem+json`): how a refusal is written."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mediagen.refusals import Refusal


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing that is wrong in a request: where (`params.fps`), what, and what would be right."""

    path: str
    code: str
    message: str
    allowed: object = None

    def document(self) -> dict[str, object]:
        """Write it as the API does; `allowed` only where there is something to say."""
        parts: dict[str, object] = {"path": self.path, "code": self.code, "message": self.message}
        return parts if self.allowed is None else parts | {"allowed": self.allowed}


def problem(refusal: "Refusal") -> dict[str, object]:
    """Write a refusal as a problem document."""
    document: dict[str, object] = {
        "type": f"urn:vsl:problem:{refusal.code}",
        "title": refusal.status.phrase,
        "status": int(refusal.status),
        "code": refusal.code,
        "detail": refusal.detail,
        "retryable": refusal.retryable,
    }
    if refusal.errors:
        document["errors"] = [error.document() for error in refusal.errors]
    return document | refusal.extra
