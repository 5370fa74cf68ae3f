"""The number of a user's waiting requests of one kind, counted in Redis across containers.

Key: `ratelimit:user:{userId}:{kind}:{number}`, one for each request that may wait. Each expires by itself, so the slot
of a killed function is free again within seconds. Without Redis every request may wait.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from mediagen.cache.cache import Cache

PLACE_SECONDS = 25  # no invocation of `get_status` lives longer
# KEYS: the slots. ARGV: the holder, the lifetime.
_TAKE = """
for at = 1, #KEYS do
    if redis.call('SET', KEYS[at], ARGV[1], 'NX', 'EX', ARGV[2]) then return at end
end
return 0
"""
# EXPIRE 0 instead of DEL: no further permission is needed.
_LEAVE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('EXPIRE', KEYS[1], 0) end
"""


class Waits:
    """Slots for waiting requests, a few per user."""

    def __init__(self, cache: Cache, places: int, *, kind: str = "wait", seconds: int = PLACE_SECONDS) -> None:
        self._cache = cache
        self._places = places
        self._kind = kind
        self._seconds = seconds

    @contextmanager
    def place(self, user_id: str) -> Iterator[bool]:
        """Hold a slot for the length of the block. Yields whether there was one."""
        keys = [f"ratelimit:user:{user_id}:{self._kind}:{number}" for number in range(self._places)]
        holder = os.urandom(8).hex()
        taken = self._cache.ask(lambda redis: redis.eval(_TAKE, len(keys), *keys, holder, self._seconds))
        try:
            yield taken != 0
        finally:
            if taken:
                self._cache.ask(lambda redis: redis.eval(_LEAVE, 1, keys[taken - 1], holder))
