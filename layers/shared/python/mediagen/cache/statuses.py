"""The documents of jobs in Redis, and their lifetimes."""

STATUS_SECONDS = 5 * 60
TOMBSTONE_SECONDS = 60 * 60  # longer than any invocation that could still write an older document
ENDING_SECONDS = 30  # a commit takes less, the second attempt included
DOUBTFUL_SECONDS = 3  # how long a status may be wrong if a function is killed between the commit and the cache
EPOCH_KEY = "job:status:epoch"  # the newest epoch of PostgreSQL that Redis knows (mediagen.jobs.epochs)
# Writers race: a slow `processing` must not replace a `completed` that was faster. One round trip, atomic. KEYS: the
# document, the epoch, [the notice that the job is ending]. ARGV: document, revision, seconds to live, and if the job is
# ending, the document's epoch, 1 if it was made of a row. The answer is 0 if the document is of another epoch.
SET_IF_NEWER = """
local known = redis.call('GET', KEYS[2])
if ARGV[6] == '1' and (not known or tonumber(ARGV[5]) > tonumber(known)) then
    redis.call('SET', KEYS[2], ARGV[5])
    known = ARGV[5]
end
if ARGV[5] ~= known then return 0 end
local held = redis.call('GET', KEYS[1])
if held and cjson.decode(held).revision > tonumber(ARGV[2]) then return 1 end
local seconds = ARGV[3]
if KEYS[3] and redis.call('EXISTS', KEYS[3]) == 1 then seconds = ARGV[4] end
redis.call('SET', KEYS[1], ARGV[1], 'EX', seconds)
return 1
"""
# KEYS: the epoch. ARGV: the epoch that has begun.
RAISE_EPOCH = """
local known = redis.call('GET', KEYS[1])
if not known or tonumber(ARGV[1]) > tonumber(known) then redis.call('SET', KEYS[1], ARGV[1]) end
return 1
"""
# KEYS: the notice, the document. ARGV: the seconds that each lives. A tombstone has to live on: only the document of a
# running job has a null in `completedAt`.
EXPECT_END = """
redis.call('SET', KEYS[1], '1', 'EX', ARGV[1])
local held = redis.call('GET', KEYS[2])
if held and cjson.decode(held).completedAt == cjson.null then redis.call('EXPIRE', KEYS[2], ARGV[2]) end
return 1
"""


def status_keys(job_id: str) -> list[str]:
    """Return the keys of a job's document, of the epoch, and of the notice that the job is about to complete."""
    return [f"job:status:{job_id}", EPOCH_KEY, f"job:status:{job_id}:ending"]
