"""Messages for overdue queued jobs: sent in bulk, within the time, and only if no worker is dispatching."""

from collections.abc import Callable
from datetime import datetime, timedelta

from check_replicate_status.due_turns import AT_ONCE, send_turns
from mediagen.jobs.state import Status
from mediagen.lifecycle.submit import LOST_MESSAGE_CHECK
from unit.check_replicate_status.bench import Bench, Overdue, bench
from unit.pace import Pace
from unit.samples import NOW, Queue, job


def waiting(number: int) -> Bench:
    return bench(*(job(Status.QUEUED, id=str(at)) for at in range(number)))


def send(made: Bench, seconds_left: Callable[[], float] = lambda: 30.0) -> int:
    return send_turns(now=NOW, seconds_left=seconds_left, records=made.records, pace=made.pace, queue=made.submissions)


def test_all_of_them_have_a_message_sent() -> None:
    made = waiting(2 * AT_ONCE + 1)
    assert send(made) == 2 * AT_ONCE + 1
    assert [message["jobId"] for message, _ in made.submissions.sent] == list(made.records.jobs)
    assert send(made) == 0


def test_jobs_are_claimed_as_of_this_moment_until_their_messages_may_be_lost_again() -> None:
    claimed, asked = list[tuple[datetime, timedelta, int]](), list[datetime]()

    class Claims(Overdue):
        def claim_waiting(self, *, now: datetime, again_in: timedelta, limit: int) -> list[str]:
            claimed.append((now, again_in, limit))
            return []

    class Idle(Pace):
        def busy_until(self, now: datetime) -> None:
            asked.append(now)

    assert send_turns(now=NOW, seconds_left=lambda: 30.0, records=Claims(), pace=Idle(), queue=Queue()) == 0
    assert claimed == [(NOW, LOST_MESSAGE_CHECK, AT_ONCE)]
    assert set(asked) == {NOW}


def test_during_dispatch_no_queued_job_counts_as_late() -> None:
    made = waiting(3)
    made.pace.busy = NOW + timedelta(seconds=1)
    assert send(made) == 0
    assert made.records.taken == set()


def test_when_the_time_is_up_the_rest_is_left_for_the_next_run() -> None:
    made = waiting(3 * AT_ONCE)
    left = iter([30.0, 3.1, 3.0])
    assert send(made, lambda: next(left)) == 2 * AT_ONCE
