"""The table of a run counts offered requests, completions and broken promises, by phase and in total."""

from collections import Counter

from chaos.evidence import Record
from chaos.ledger import Offer
from chaos.report import HEAD, Phase, chaos_table
from chaos.verdict import Finding

PHASES = [Phase("calm"), Phase("Redis killed", 5.0, 1.25, 2.5)]
JOBS = {"one": Record("completed", 3), "two": Record("failed", 3, "media_expired"), "three": Record("canceled", 2)}


def offer(phase: str, *job_ids: str, **answers: int) -> Offer:
    return Offer("key", phase, 0.0, Counter({name.removeprefix("s"): n for name, n in answers.items()}), set(job_ids))


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("  ") if cell.strip()]


def test_each_phase_has_its_line_and_the_last_is_the_whole_run() -> None:
    offers = [
        offer("calm", "one", s202=2),
        offer("Redis killed", "two", s503=3, s202=2, unanswered=1),
        offer("Redis killed", "three", s202=2),
        offer("Redis killed", s503=12),
    ]
    findings = [Finding("lost", "two", "gone"), Finding("paid twice", "nobody's", "unknown")]
    head, calm, redis, together = map(cells, chaos_table(PHASES, offers, JOBS, findings))
    assert tuple(head) == HEAD
    assert calm == ["calm", "1", "1", "0", "0", "1", "0", "0", "0", "0"]
    assert redis == ["Redis killed", "5", "3", "2", "15", "1", "0", "1 media_expired", "1", "1", "0", "1.2 s", "2.5 s"]
    assert together == ["together", "4", "3", "15", "1", "1", "1 media_expired", "1", "1", "1"]
