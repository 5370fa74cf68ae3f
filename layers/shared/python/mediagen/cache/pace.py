"""The shared rate limiter of submissions to Replicate, in Redis.

Key: `replicate:pace`. A worker asks before it sends a job. It may send at once, or gets its own time to ask again, so
that waiting workers do not come together. After a refusal by Replicate nothing is sent during a pause; then one job is
sent as the probe. Without Redis there is no limit.

| field of the state | meaning (times in milliseconds since 1970) |
| --- | --- |
| `sent` | the used slots, as the time up to which they are spent; ahead of the clock if a burst used saved slots |
| `line` | the next slot that can be granted to a waiting job |
| `paused`, `pauses` | the end of the pause; the number of pauses in a row |
| `doubts` | create calls in a row with an unknown outcome |
| `probe` | the time until which the first job after a pause decides for the others |
"""

import json
from datetime import UTC, datetime

from mediagen import log
from mediagen.cache.cache import Cache
from mediagen.limits.dispatch import Turn

KEY = "replicate:pace"
PER_BURST = 20  # a twentieth of a minute's slots may be used at once: queues deliver in whole seconds, and late
LONGEST_PAUSE_SECONDS = 60  # between two attempts, unless Replicate asks for more
DOUBT_PAUSE_SECONDS = 10
DOUBTS = 10  # create calls in a row with unknown outcome: more than those that open a single model's breaker
PROBE_SECONDS = 30  # a create call lasts 18 s at most
AGAIN_SECONDS = 2  # while the probe after a pause is on its way
LATE_SECONDS = 2  # how late a queue may deliver a slot's message before new jobs go first
KEPT_SECONDS = 3600  # after the last slot

# ARGV: the event, the time, milliseconds: between two slots, that may be saved up, of a first pause; then
# the constants above. `sent`: the used slots, as a time; `line`: the next slot that can be granted.
_PACE = """
local told, now, step, saved, pause = ARGV[1], unpack(cjson.decode(ARGV[2]))
local longest, doubts, probe, again, late, kept = unpack(cjson.decode(ARGV[3]))
local held = redis.call('GET', KEYS[1])
local pace = held and cjson.decode(held) or {sent = 0, line = 0, paused = 0, pauses = 0, doubts = 0, probe = 0}
local is_troubled = pace.pauses + pace.doubts > 0
local turn, has_begun = 0, 0

if told == 'turn' or told == 'request' then
    local sent = math.max(pace.sent, now)
    local may_go = now >= pace.paused and now >= pace.probe and sent - now <= saved
    if told == 'request' and (pace.pauses > 0 or pace.line + late > now) then may_go = false end
    if may_go then
        pace.sent = sent + step
        if pace.pauses > 0 then pace.probe = now + probe end
    else
        turn = math.max(now + 1, pace.line, pace.paused, sent - saved, math.min(pace.probe, now + again))
        pace.line = turn + step
    end
elseif told == 'taken' then
    has_begun = pace.pauses
    pace.paused, pace.pauses, pace.doubts, pace.probe = 0, 0, 0, 0
else
    if told == 'doubt' then pace.doubts = pace.doubts + 1 end
    if told == 'refused' or pace.pauses > 0 or pace.doubts >= doubts then
        if now >= pace.paused then
            pace.pauses = pace.pauses + 1
            has_begun = pace.pauses
        end
        local wait = math.max(pause, math.min(pause * 2 ^ math.min(pace.pauses - 1, 10), longest))
        pace.paused, pace.probe = math.max(pace.paused, now + wait), 0
        turn = pace.paused
        pace.line = math.max(pace.line, turn + step)
    end
end
local seconds = math.ceil((math.max(pace.line, pace.paused, pace.sent, now) - now) / 1000) + kept
redis.call('SET', KEYS[1], cjson.encode(pace), 'EX', seconds)
return {turn, is_troubled and 1 or 0, has_begun}
"""
_CONSTANTS = json.dumps(
    [
        LONGEST_PAUSE_SECONDS * 1000,
        DOUBTS,
        PROBE_SECONDS * 1000,
        AGAIN_SECONDS * 1000,
        LATE_SECONDS * 1000,
        KEPT_SECONDS,
    ]
)

type Answer = tuple[datetime | None, bool, int]


class Pace:
    """Grant dispatch slots, and adapt to the outcomes. One round trip each."""

    def __init__(self, cache: Cache, per_minute: int) -> None:
        self._cache = cache
        self._step = -(-60_000 // per_minute)
        self._saved = max(per_minute // PER_BURST - 1, 0) * self._step

    def ask(self, now: datetime, *, is_new: bool = False) -> Turn:
        """Ask for a slot for one job.

        A new job waits while others wait, or while it is unknown if Replicate accepts jobs.
        """
        answer = self._tell("request" if is_new else "turn", now)
        return Turn(answer[0], answer[1]) if answer else Turn()

    def refused(self, seconds: int, now: datetime) -> datetime | None:
        """Record that Replicate accepts no jobs for some seconds; repeated pauses grow. Returns the pause's end."""
        answer = self._tell("refused", now, seconds)
        if answer is None:
            return None
        self._log_pause(answer, now)
        return answer[0]

    def doubted(self, now: datetime) -> None:
        """Record a create call with an unknown outcome."""
        answer = self._tell("doubt", now, DOUBT_PAUSE_SECONDS)
        if answer:
            self._log_pause(answer, now)

    def taken(self, now: datetime) -> None:
        """Record that Replicate accepts jobs again."""
        answer = self._tell("taken", now)
        if answer and answer[2]:
            log.event("submissions.resumed", metadata={"pauses": answer[2]})

    def busy_until(self, now: datetime) -> datetime | None:
        """Return the last slot that is already granted; None if no job waits or Redis is unavailable."""
        held = self._cache.ask(lambda redis: redis.get(KEY))
        until = _moment(json.loads(held)["line"]) if held else None
        return until if until and until > now else None

    def _log_pause(self, answer: Answer, now: datetime) -> None:
        until, _, pauses = answer
        if until and pauses:
            told = {"seconds": round((until - now).total_seconds()), "pauses": pauses}
            metrics = [log.Metric("SubmissionsPaused", 1)]
            log.event("submissions.paused", level="WARNING", metadata=told, metrics=metrics)

    def _tell(self, told: str, now: datetime, seconds: int = 0) -> Answer | None:
        moment = int(now.timestamp() * 1000)
        arguments = (told, json.dumps([moment, self._step, self._saved, seconds * 1000]), _CONSTANTS)
        answer = self._cache.ask(lambda redis: redis.eval(_PACE, 1, KEY, *arguments))
        return (_moment(answer[0]), bool(answer[1]), int(answer[2])) if answer else None


def _moment(milliseconds: float) -> datetime | None:
    return datetime.fromtimestamp(milliseconds / 1000, UTC) if milliseconds else None
