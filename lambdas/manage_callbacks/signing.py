"""The signing secrets of a user's callbacks: shown to their owner, and rotated with a day of overlap."""

from datetime import datetime
from typing import Any

from mediagen.errors.refusals import TooManySecrets
from mediagen.http.edge import Request, Response
from mediagen.records.callback_secrets import CallbackSecrets, Secret
from mediagen.times import iso, optional_iso

MOST_VALID = 5  # each adds a signature to every callback


def show_secrets(request: Request, *, now: datetime, secrets: CallbackSecrets) -> Response:
    """Answer the caller's valid secrets, newest first."""
    return Response(200, _document(secrets.valid(request.caller(), now=now)))


def rotate_secret(request: Request, *, now: datetime, secrets: CallbackSecrets) -> Response:
    """Create a secret and answer the valid ones. Raises TooManySecrets."""
    user_id = request.caller()
    valid = secrets.valid(user_id, now=now)
    if len(valid) >= MOST_VALID:
        told = f"{MOST_VALID} secrets are valid at present: rotate again when one of them has ended."
        raise TooManySecrets(told, extra={"nextEndsAt": optional_iso(valid[-1].ends_at)})
    secrets.rotate(user_id, now=now)
    return show_secrets(request, now=now, secrets=secrets)


def _document(secrets: list[Secret]) -> dict[str, Any]:
    return {
        "secrets": [
            {"secret": each.text, "createdAt": iso(each.created_at), "endsAt": optional_iso(each.ends_at)}
            for each in secrets
        ]
    }
