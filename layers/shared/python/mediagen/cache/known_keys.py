"""Whose API keys were right in the last hour, by their hashes, for while PostgreSQL cannot be asked (ADR 27).

Key: `ratelimit:known:{SHA-256 of a key}`: the user, or that the key was ended.
"""

import json
from datetime import datetime, timedelta

from mediagen.cache.cache import Cache
from mediagen.records.access import User

KNOWN_SECONDS = 60 * 60
ENDED = "ended"
_ENDED_SECONDS = 2 * KNOWN_SECONDS  # nobody who found the key right before it ended lives as long

# ARGV: the user, for how long. Who has looked before the key was ended may come after that.
_REMEMBER = """
if redis.call('GET', KEYS[1]) == 'ended' then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return 1
"""


class KnownKeys(Cache):
    """The cache, asked whose keys are known."""

    def remember(self, key_hash: bytes, user: User, now: datetime) -> None:
        """Note whose key was found right just now, for an hour, or until it ends."""
        seconds = KNOWN_SECONDS if user.key_ends_at is None else min(KNOWN_SECONDS, _whole(user.key_ends_at - now))
        if seconds > 0:
            text = json.dumps([user.id, user.rate_per_hour])
            self._ask(lambda redis: redis.eval(_REMEMBER, 1, _name(key_hash), text, seconds))

    def recall(self, key_hash: bytes) -> User | None:
        """Tell whose key it was, if it was right in the last hour and has not been ended since."""
        text = self._ask(lambda redis: redis.get(_name(key_hash)))
        return None if not text or text == ENDED else User(*json.loads(text))

    def forget(self, key_hash: bytes) -> bool:
        """Let a key that was ended be known no longer; False where Redis did not hear of it."""
        return bool(self._ask(lambda redis: redis.set(_name(key_hash), ENDED, ex=_ENDED_SECONDS), though_resting=True))


def _name(key_hash: bytes) -> str:
    return f"ratelimit:known:{key_hash.hex()}"


def _whole(time: timedelta) -> int:
    return int(time.total_seconds())
