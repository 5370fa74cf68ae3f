"""API keys that were valid within the last hour, by hash, for use while PostgreSQL is unavailable (ADR 27).

Key: `ratelimit:known:{SHA-256 of a key}`: the user, or a note that the key was revoked.
"""

import json
from datetime import datetime, timedelta

from mediagen.cache.cache import Cache
from mediagen.records.access import User

KNOWN_SECONDS = 60 * 60
ENDED = "ended"
_ENDED_SECONDS = 2 * KNOWN_SECONDS  # longer than any invocation that looked the key up before it was revoked

# ARGV: the user, the lifetime. A look-up from before the revocation may write after it.
_REMEMBER = """
if redis.call('GET', KEYS[1]) == 'ended' then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return 1
"""


class KnownKeys(Cache):
    """The cache of valid keys."""

    def remember(self, key_hash: bytes, user: User, now: datetime) -> None:
        """Cache the user of a valid key for an hour, or until the key expires."""
        seconds = KNOWN_SECONDS if user.key_ends_at is None else min(KNOWN_SECONDS, _whole(user.key_ends_at - now))
        if seconds > 0:
            text = json.dumps([user.id, user.rate_per_hour])
            self._ask(lambda redis: redis.eval(_REMEMBER, 1, _name(key_hash), text, seconds))

    def recall(self, key_hash: bytes) -> User | None:
        """Return the user of a key that was valid within the last hour and has not been revoked since."""
        text = self._ask(lambda redis: redis.get(_name(key_hash)))
        return None if not text or text == ENDED else User(*json.loads(text))

    def forget(self, key_hash: bytes) -> bool:
        """Remove a revoked key. Returns False if Redis is unavailable."""
        return bool(self._ask(lambda redis: redis.set(_name(key_hash), ENDED, ex=_ENDED_SECONDS), though_resting=True))


def _name(key_hash: bytes) -> str:
    return f"ratelimit:known:{key_hash.hex()}"


def _whole(time: timedelta) -> int:
    return int(time.total_seconds())
