"""A client's view of its callbacks, and the conditions of a redelivery."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from manage_callbacks.deliveries import MOST_IN_A_PERIOD, Ports
from manage_callbacks.flow import manage_callbacks
from mediagen.errors.refusals import InvalidJobId, JobNotFound, JobRunning, NoCallback, TooManyDeliveries, Unauthorized
from mediagen.http.edge import Request, Response
from mediagen.jobs.job import Job
from mediagen.jobs.state import Status
from mediagen.records.callbacks import Callback, CallbackRecords, Try
from unit.manage_callbacks.test_signing import Secrets
from unit.samples import JOB_ID, NOW, USER_ID, Queue, Records, job

URL = "https://hooks.example.com/vsl"
CALLBACK = Callback("7b0a54ad-5a0f-4b5c-9a55-3c2f4be2f3b1", URL, "failed", 9, NOW, None)
DONE = job(Status.COMPLETED, callback_url=URL)
GET, POST = "GET /jobs/{jobId}/deliveries", "POST /jobs/{jobId}/deliveries"


@dataclass
class Outbox(CallbackRecords):
    """One callback, or none yet."""

    callback: Callback | None = CALLBACK
    made: list[Try] = field(default_factory=list)
    asked: list[datetime] = field(default_factory=list)

    def find(self, _job_id: str) -> Callback | None:
        return self.callback

    def tries(self, _callback_id: str) -> list[Try]:
        return self.made

    def again(self, callback_id: str, *, now: datetime) -> None:
        assert callback_id == CALLBACK.id
        self.asked.append(now)


def ask(
    route: str,
    outbox: Outbox | None = None,
    of: Job = DONE,
    *,
    queue: Queue | None = None,
    user_id: str = USER_ID,
    job_id: str = JOB_ID,
) -> Response:
    request = Request({}, {"jobId": job_id}, {}, b"", user_id, "r")
    ports = Ports(Records.of(of), outbox or Outbox(), queue or Queue())
    return manage_callbacks(route, request, now=NOW, deliveries=ports, secrets=Secrets())


def tries(*ages: timedelta) -> list[Try]:
    return [Try(len(ages) - place, NOW - age, 12, 500, None) for place, age in enumerate(ages)]


def test_attempts_of_a_callback_are_listed_newest_first() -> None:
    made = [Try(2, NOW, 31, 204, None), Try(1, NOW - timedelta(seconds=5), 10_000, None, "timed_out")]
    response = ask(GET, Outbox(made=made))
    assert (response.status, response.body) == (
        200,
        {
            "jobId": JOB_ID,
            "callbackUrl": URL,
            "callback": {
                "webhookId": CALLBACK.id,
                "state": "failed",
                "tries": 9,
                "createdAt": "2026-11-22T17:00:00.123Z",
                "nextTryAt": None,
            },
            "deliveries": [
                {"try": 2, "at": "2026-11-22T17:00:00.123Z", "durationMs": 31, "statusCode": 204, "error": None},
                {
                    "try": 1,
                    "at": "2026-11-22T16:59:55.123Z",
                    "durationMs": 10_000,
                    "statusCode": None,
                    "error": "timed_out",
                },
            ],
        },
    )


@pytest.mark.parametrize("url", [URL, None])
def test_a_job_that_has_no_callback_yet_or_ever_has_no_deliveries(url: str | None) -> None:
    body = ask(GET, Outbox(None), job(Status.PROCESSING, callback_url=url)).body
    assert body == {"jobId": JOB_ID, "callbackUrl": url, "callback": None, "deliveries": []}


def test_a_callback_is_sent_again_now() -> None:
    outbox, queue = Outbox(), Queue()
    response = ask(POST, outbox, queue=queue)
    assert (response.status, response.body["jobId"]) == (202, JOB_ID)
    assert (outbox.asked, queue.sent) == ([NOW], [({"jobId": JOB_ID}, 0)])


def test_a_queue_outage_leaves_the_redelivery_to_the_poller() -> None:
    outbox = Outbox()
    assert ask(POST, outbox, queue=Queue(is_away=True)).status == 202
    assert outbox.asked == [NOW]


def test_a_job_without_a_callback_cannot_be_redelivered() -> None:
    with pytest.raises(NoCallback):
        ask(POST, Outbox(None), job(Status.COMPLETED))


def test_an_unfinished_job_cannot_be_redelivered() -> None:
    with pytest.raises(JobRunning):
        ask(POST, Outbox(None), job(Status.PROCESSING, callback_url=URL))


def test_after_twenty_attempts_in_an_hour_the_next_waits_until_the_first_is_an_hour_old() -> None:
    minute = timedelta(minutes=1)
    ages = [minute * age for age in range(MOST_IN_A_PERIOD)]
    outbox = Outbox(made=tries(*ages, timedelta(hours=2)))
    with pytest.raises(TooManyDeliveries) as caught:
        ask(POST, outbox)
    assert caught.value.retry_after_seconds == (60 - (MOST_IN_A_PERIOD - 1)) * 60 + 1
    assert outbox.asked == []
    assert ask(POST, Outbox(made=tries(*ages[1:], timedelta(hours=1)))).status == 202


@pytest.mark.parametrize("route", [GET, POST])
def test_the_deliveries_of_another_users_job_are_those_of_no_job(route: str) -> None:
    outbox = Outbox()
    with pytest.raises(JobNotFound):
        ask(route, outbox, user_id="0198c0de-0000-4000-8000-000000000009")
    with pytest.raises(Unauthorized):
        ask(route, outbox, user_id="")
    with pytest.raises(InvalidJobId):
        ask(route, outbox, job_id="x")
    assert outbox.asked == []
