"""A refusal as clients read it: an RFC 9457 document (`application/problem+json`)."""

from mediagen.errors.refusals import Refusal


def problem(refusal: Refusal) -> dict[str, object]:
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
