"""The scripts that count a user's requests of an hour in Redis. Each is one round trip, and atomic."""

# KEYS: current window, last window, [once of each]. ARGV: limit, passed and whole milliseconds of a window, times to
# live, how many. Parallel copies of one request hold one unit together.
SPEND = """
local current = tonumber(redis.call('GET', KEYS[1]) or '0')
local last = tonumber(redis.call('GET', KEYS[2]) or '0')
local sliding = math.floor(last * (ARGV[3] - ARGV[2]) / ARGV[3])
local answers = {}
for at = 1, tonumber(ARGV[6]) do
    local once = KEYS[2 + at]
    local admitted = once and tonumber(redis.call('GET', once) or '0') > 0
    if not admitted and sliding + current + 1 <= tonumber(ARGV[1]) then
        admitted = true
        current = redis.call('INCR', KEYS[1])
        if current == 1 then redis.call('EXPIRE', KEYS[1], ARGV[4]) end
    end
    if admitted and once then
        redis.call('INCR', once)
        redis.call('EXPIRE', once, ARGV[5])
    end
    answers[at] = {admitted and 1 or 0, last, current}
end
return answers
"""

# KEYS: the window in which it was spent, [once]. The unit is refunded when its last holder releases it.
GIVE_BACK = """
if KEYS[2] then
    if tonumber(redis.call('GET', KEYS[2]) or '0') < 1 then return 0 end
    if redis.call('DECR', KEYS[2]) > 0 then return 0 end
end
if tonumber(redis.call('GET', KEYS[1]) or '0') > 0 then redis.call('DECR', KEYS[1]) end
return 1
"""
