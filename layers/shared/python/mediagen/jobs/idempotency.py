"""`Idempotency-Key`: a request that is sent again is answered with its first job, and makes no other."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from mediagen.errors.refusals import InvalidIdempotencyKey

HEADER = "idempotency-key"
KEY_LIFE = timedelta(hours=24)
# Printable ASCII: every HTTP library sends it and no proxy changes it. No comma: the HTTP API joins a header
# that was sent twice.
_KEY = re.compile(r"[ -+\--~]{1,255}")


@dataclass(frozen=True, slots=True)
class Claim:
    """The claim of a request with a key: to be the first of its user with this key and this body."""

    user_id: str
    key: str
    fingerprint: bytes
    made_at: datetime

    @property
    def outlives(self) -> datetime:
        """Return the time up to which earlier claims of the key are expired."""
        return self.made_at - KEY_LIFE


def read_claim(headers: Mapping[str, str], user_id: str, body: Mapping[str, object], now: datetime) -> Claim | None:
    """Return the claim of a request, None without a key. Raises InvalidIdempotencyKey."""
    if HEADER not in headers:
        return None
    key = headers[HEADER].strip(" \t")
    if not _KEY.fullmatch(key):
        wrong = "An Idempotency-Key has 1 to 255 printable ASCII characters but no comma, and is sent once."
        raise InvalidIdempotencyKey(wrong)
    return Claim(user_id, key, fingerprint(body), now)


def fingerprint(body: Mapping[str, object]) -> bytes:
    """Return the SHA-256 of the parsed body: spaces, escapes and the order of names do not matter."""
    return hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).digest()
