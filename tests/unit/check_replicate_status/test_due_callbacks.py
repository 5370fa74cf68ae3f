"""The poller sends a message for each due callback that has none."""

from datetime import timedelta

import pytest

from check_replicate_status.due_callbacks import AT_ONCE, MOST, REST, send_due
from check_replicate_status.flow import check_replicate_status
from unit.check_replicate_status.bench import Callbacks, bench
from unit.conftest import Logged
from unit.samples import NOW, Queue

JOBS = ["job-1", "job-2", "job-3"]


def test_each_due_callback_gets_a_message() -> None:
    callbacks, queue = Callbacks(JOBS), Queue()
    assert send_due(now=NOW, seconds_left=lambda: 30.0, callbacks=callbacks, queue=queue) == 3
    assert queue.sent == [({"jobId": job_id}, 0) for job_id in JOBS]


def test_those_that_have_just_become_due_are_left_to_their_own_messages() -> None:
    callbacks = Callbacks()
    send_due(now=NOW, seconds_left=lambda: 30.0, callbacks=callbacks, queue=Queue())
    assert callbacks.asked == [{"before": NOW - REST, "now": NOW, "limit": MOST}]
    assert timedelta(seconds=10) <= REST


def test_a_run_whose_time_is_over_leaves_the_rest_to_the_next() -> None:
    left = iter([30.0, 3.0, 2.9])
    queue, jobs = Queue(), [f"job-{number}" for number in range(2 * AT_ONCE + 1)]
    sent = send_due(now=NOW, seconds_left=lambda: next(left), callbacks=Callbacks(jobs), queue=queue)
    assert sent == 2 * AT_ONCE
    assert [message["jobId"] for message, _ in queue.sent] == jobs[:sent]


def test_a_run_takes_more_callbacks_than_five_minutes_bring() -> None:
    assert MOST >= 4 * 5 * 500


@pytest.mark.parametrize("is_away", [False, True])
def test_every_run_sends_due_callbacks_and_survives_a_queue_outage(is_away: bool, logged: Logged) -> None:
    made = bench()
    made.callbacks.jobs, made.callback_queue.is_away = JOBS, is_away
    check_replicate_status(clock=lambda: NOW, seconds_left=lambda: 30.0, ports=made.ports)
    assert len(made.callback_queue.sent) == (0 if is_away else 3)
    assert [line["part"] for line in logged() if "part" in line] == (["callbacks"] if is_away else [])
