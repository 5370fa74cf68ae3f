"""How fast jobs are handed to Replicate, by all containers together: their common pace, kept in Redis.

Key: `replicate:pace`. Who wants to send a job asks first. It may go at once, or is told when to ask again: each is
given a time of its own, so that those who wait do not come together. Where Replicate takes nothing, nobody goes until
a pause is over, and then one goes first. Without Redis there is no pace: everybody goes.
"""

import json
from datetime import UTC, datetime

from mediagen import log
from mediagen.cache.cache import Cache
from mediagen.limits.dispatch import Turn

KEY = "replicate:pace"
PER_BURST = 20  # a twentieth of a minute's turns may come together: queues deliver in whole seconds, and not on time
LONGEST_PAUSE_SECONDS = 60  # between two tries, unless Replicate asks for more
DOUBT_PAUSE_SECONDS = 10
DOUBTS = 10  # create calls in a row of whose end nothing is known: more than close a single model
PROBE_SECONDS = 30  # a create call lasts 18 s at most
AGAIN_SECONDS = 2  # while the first one after a pause is on its way
LATE_SECONDS = 2  # how late a queue may deliver a turn before somebody new goes first
KEPT_SECONDS = 3600  # after its last turn

# ARGV: what is asked or told, the time, milliseconds: between two turns, that may be saved up, of a first pause; then
# the constants above. `sent`: the turns that were used, as a time; `line`: the next time that can be given away.
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
    """Says who may send a job now, and hears what became of it. One round trip each."""

    def __init__(self, cache: Cache, per_minute: int) -> None:
        self._cache = cache
        self._step = -(-60_000 // per_minute)
        self._saved = max(per_minute // PER_BURST - 1, 0) * self._step

    def ask(self, now: datetime, *, is_new: bool = False) -> Turn:
        """Ask for one job; a new one waits while others do, or while nobody knows whether Replicate takes any."""
        answer = self._tell("request" if is_new else "turn", now)
        return Turn(answer[0], answer[1]) if answer else Turn()

    def refused(self, seconds: int, now: datetime) -> datetime | None:
        """Hear that Replicate takes no jobs for some seconds: longer each time in a row. Gives the end."""
        answer = self._tell("refused", now, seconds)
        if answer is None:
            return None
        self._log_pause(answer, now)
        return answer[0]

    def doubted(self, now: datetime) -> None:
        """Hear that nothing is known of the end of a create call."""
        answer = self._tell("doubt", now, DOUBT_PAUSE_SECONDS)
        if answer:
            self._log_pause(answer, now)

    def taken(self, now: datetime) -> None:
        """Hear that Replicate takes jobs, after trouble."""
        answer = self._tell("taken", now)
        if answer and answer[2]:
            log.event("submissions.resumed", metadata={"pauses": answer[2]})

    def busy_until(self, now: datetime) -> datetime | None:
        """Tell until when those who wait have been given times; None: nobody waits, or nobody knows."""
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
