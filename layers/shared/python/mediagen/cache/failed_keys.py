"""Wrong API keys per source address, counted in Redis with a sliding counter of two windows, like quota.py.

A unit is spent before the database is queried, so that no more look-ups than the limit run at once, and refunded if the
key is valid. A valid key is then trusted for a day: it costs no unit, and works from an address that is limited because
of others behind it. It is still looked up, so a revoked key does not work, and stops being trusted.

Keys: `ratelimit:ip:{address}:{window}` · `ratelimit:trusted:{SHA-256 of a key}`.
"""

from datetime import datetime

from mediagen.access.source_standing import WINDOW_SECONDS, Standing
from mediagen.cache.cache import Cache

TRUST_SECONDS = 24 * 60 * 60
_WHOLE = WINDOW_SECONDS * 1000

# KEYS: current window, last window, [trusted]. ARGV: limit, passed and whole milliseconds of a window, time to live.
_BEGIN = """
if KEYS[3] and redis.call('EXISTS', KEYS[3]) == 1 then return 'trusted' end
local current = tonumber(redis.call('GET', KEYS[1]) or '0')
local last = tonumber(redis.call('GET', KEYS[2]) or '0')
if math.floor(last * (ARGV[3] - ARGV[2]) / ARGV[3]) + current + 1 > tonumber(ARGV[1]) then return 'slowed' end
if redis.call('INCR', KEYS[1]) == 1 then redis.call('EXPIRE', KEYS[1], ARGV[4]) end
return 'counted'
"""

# KEYS: the window of the unit, [trusted]. ARGV: how long the key is trusted.
_GIVE_BACK = """
if tonumber(redis.call('GET', KEYS[1]) or '0') > 0 then redis.call('DECR', KEYS[1]) end
if KEYS[2] then redis.call('SET', KEYS[2], '1', 'EX', ARGV[1]) end
"""

# KEYS: current window, trusted. ARGV: time to live of a count. EXPIRE 0, not DEL: it needs no further permission.
_DISTRUST = """
if redis.call('INCR', KEYS[1]) == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
redis.call('EXPIRE', KEYS[2], 0)
"""


class FailedKeys(Cache):
    """The counters of addresses. Each method is one round trip."""

    def begin(self, source: str, key_hash: bytes | None, now: datetime, *, limit: int) -> Standing:
        """Spend a unit for a key about to be looked up (None: a malformed key), unless the key is trusted."""
        window, passed = _position(now)
        keys = [_count(source, window), _count(source, window - 1), *_trusted(key_hash)]
        arguments = (limit, passed, _WHOLE, 2 * WINDOW_SECONDS)
        told = self._ask(lambda redis: redis.eval(_BEGIN, len(keys), *keys, *arguments))
        return Standing(told or "unknown")

    def trust(self, source: str, key_hash: bytes, begun_at: datetime) -> None:
        """Refund the unit of a valid key, and trust the key."""
        self._give_back(source, key_hash, begun_at)

    def release(self, source: str, begun_at: datetime) -> None:
        """Refund the unit of a key that could not be looked up."""
        self._give_back(source, None, begun_at)

    def distrust(self, source: str, key_hash: bytes, now: datetime) -> None:
        """Count a trusted key that is no longer valid, and stop trusting it."""
        keys = [_count(source, _position(now)[0]), *_trusted(key_hash)]
        self._ask(lambda redis: redis.eval(_DISTRUST, len(keys), *keys, 2 * WINDOW_SECONDS))

    def _give_back(self, source: str, key_hash: bytes | None, begun_at: datetime) -> None:
        keys = [_count(source, _position(begun_at)[0]), *_trusted(key_hash)]
        self._ask(lambda redis: redis.eval(_GIVE_BACK, len(keys), *keys, TRUST_SECONDS))


def _position(now: datetime) -> tuple[int, int]:
    """Return the number of the current window, and the milliseconds that have passed in it."""
    return divmod(int(now.timestamp() * 1000), _WHOLE)


def _count(source: str, window: int) -> str:
    return f"ratelimit:ip:{source}:{window}"


def _trusted(key_hash: bytes | None) -> list[str]:
    return [f"ratelimit:trusted:{key_hash.hex()}"] if key_hash else []
