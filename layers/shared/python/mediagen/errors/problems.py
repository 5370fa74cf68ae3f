"""A refusal as an RFC 9457 document (`application/problem+json`)."""

from mediagen.errors.refusals import Refusal


def problem(refusal: Refusal) -> dict[str, object]:
    """Return the problem document of a refusal."""
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
