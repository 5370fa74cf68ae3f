"""The units of users' hourly limits in Redis: a sliding counter of two windows (`limits.quota`).

| key | value | lifetime |
| --- | --- | --- |
| `ratelimit:user:{userId}:{window}` | units spent in a window of an hour | two windows |
| `ratelimit:user:{userId}:once:{hash}` | parallel copies of one request that hold its unit together | 60 s |
"""

import hashlib

ONCE_SECONDS = 60  # no request lives longer; later ones find the job in PostgreSQL

# KEYS: the current window, the last window, a `once` key for each unit or none at all.
SPEND = """
local current_window, last_window = KEYS[1], KEYS[2]
local limit, passed_ms, window_ms = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local window_seconds, once_seconds, count = ARGV[4], ARGV[5], tonumber(ARGV[6])

local current = tonumber(redis.call('GET', current_window) or '0')
local last = tonumber(redis.call('GET', last_window) or '0')
local sliding = math.floor(last * (window_ms - passed_ms) / window_ms)
local answers = {}
for at = 1, count do
    local once = KEYS[2 + at]
    local admitted = once and tonumber(redis.call('GET', once) or '0') > 0
    if not admitted and sliding + current + 1 <= limit then
        admitted = true
        current = redis.call('INCR', current_window)
        if current == 1 then redis.call('EXPIRE', current_window, window_seconds) end
    end
    if admitted and once then
        redis.call('INCR', once)
        redis.call('EXPIRE', once, once_seconds)
    end
    answers[at] = {admitted and 1 or 0, last, current}
end
return answers
"""

# KEYS: the window in which the unit was spent, [its `once` key]. The last copy of a request refunds the unit.
GIVE_BACK = """
local window, once = KEYS[1], KEYS[2]
if once then
    if tonumber(redis.call('GET', once) or '0') < 1 then return 0 end
    if redis.call('DECR', once) > 0 then return 0 end
end
if tonumber(redis.call('GET', window) or '0') > 0 then redis.call('DECR', window) end
return 1
"""


def window_key(user_id: str, window: int) -> str:
    """Return the key of a user's units in a window."""
    return f"ratelimit:user:{user_id}:{window}"


def once_keys(user_id: str, once: str | None) -> list[str]:
    """Return the key of a request that may be sent repeatedly, hashed so that no client text is in a key."""
    return [f"ratelimit:user:{user_id}:once:{hashlib.sha256(once.encode()).hexdigest()}"] if once else []
