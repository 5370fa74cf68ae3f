"""Schedule of a callback: nine attempts in a day, with a clock set by hand."""

from datetime import datetime, timedelta

import pytest

from deliver_callback.flow import LONGEST_DELAY
from deliver_callback.schedule import JITTER, PAUSES, TRIES, next_try_at
from deliver_callback.sending import Outcome
from unit.deliver_callback.bench import Bench
from unit.samples import NOW

FAILED = Outcome(503)


def run(made: Bench) -> list[datetime]:
    """Advance the clock until nothing is due any more; return the times of all attempts."""
    while made.outbox.next_try_at:
        made.now = max(made.now, made.outbox.next_try_at)
        made.deliver()
    return [sent.at for sent in made.sent]


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_at_least_eight_attempts_are_spread_over_a_day(share: float) -> None:
    made = Bench([FAILED], share=share)
    times = run(made)
    assert len(times) == len({*times}) == TRIES >= 8
    assert timedelta(hours=24) <= times[-1] - times[0] <= timedelta(hours=30)
    assert made.outbox.state == "failed"
    assert [tried.number for tried in made.outbox.made] == list(range(1, TRIES + 1))


def test_pauses_grow_and_jitter_only_lengthens_them() -> None:
    assert sorted(PAUSES) == list(PAUSES)
    for number, pause in enumerate(PAUSES, start=1):
        times = [next_try_at(number, NOW, share) for share in (0.0, 0.5, 1.0)]
        assert times == [NOW + pause, NOW + pause * (1 + JITTER / 2), NOW + pause * (1 + JITTER)]


def test_the_first_pauses_are_waited_out_in_the_queue_and_the_long_ones_by_the_poller() -> None:
    made = Bench([FAILED], share=1.0)
    run(made)
    delays = [delay for _, delay in made.queue.sent]
    assert delays == [6, 36, 144, 720]
    assert max(delays) <= LONGEST_DELAY.total_seconds() <= 900


def test_a_recovered_receiver_ends_the_attempts() -> None:
    made = Bench([FAILED, FAILED, Outcome(204)])
    assert len(run(made)) == 3
    assert made.outbox.state == "delivered"


@pytest.mark.parametrize("number", [TRIES, TRIES + 1, 100])
def test_after_the_last_scheduled_attempt_a_failure_is_final(number: int) -> None:
    assert next_try_at(number, NOW, 0.0) is None
