"""Accepting a job through its ports: a job that must be queued, and the arguments of each call."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from mediagen.errors.refusals import BudgetExceeded, InvalidFields
from mediagen.http.edge import Response
from mediagen.jobs.idempotency import Claim
from mediagen.jobs.request import MediaRequest
from mediagen.jobs.state import Status
from mediagen.lifecycle.accept import CALLBACK_URLS, Ports, accept, new_job
from mediagen.lifecycle.submit import AMBIGUOUS_CHECK, LOST_MESSAGE_CHECK
from mediagen.limits.budget import NO_LIMITS
from mediagen.limits.dispatch import Turn
from mediagen.limits.quota import Quota
from mediagen.models.catalogue import Model
from mediagen.outbound.addresses import PublicHosts
from mediagen.outbound.callback_urls import CallbackUrls
from unit.claims import Claims
from unit.conftest import Logged
from unit.generate_media.bench import DEFAULTS, Limiter, OneModel
from unit.pace import Pace
from unit.samples import NOW, Provider, Queue, Records, submission_ports
from unit.screen import Screen

WANTED = MediaRequest("image", "flux-schnell", {"prompt": "a lighthouse"})
CLAIM = Claim("user-1", "key-1", b"f", NOW)
ASK_AT = NOW + timedelta(seconds=90)
LOCAL = CallbackUrls(PublicHosts.parse("http://127.0.0.1:8000"))


@dataclass
class WatchedLimiter(Limiter):
    """A limiter that records users and request ids."""

    calls: list[tuple[Any, ...]] = field(default_factory=list)

    def spend(self, user_id: str, now: datetime, *, limit: int, once: str | None = None) -> Quota | None:
        self.calls.append(("spend", user_id, now, once))
        return super().spend(user_id, now, limit=limit, once=once)

    def give_back(self, user_id: str, spent_at: datetime, *, once: str | None = None) -> None:
        self.calls.append(("give back", user_id, spent_at, once))
        super().give_back(user_id, spent_at, once=once)

    def look(self, user_id: str, now: datetime, *, limit: int) -> Quota | None:
        self.calls.append(("look", user_id, now))
        return super().look(user_id, now, limit=limit)


@dataclass
class WatchedRecords(Records):
    """Jobs with a record of their next check times."""

    check_at: list[datetime] = field(default_factory=list)

    def add(self, job: Any, *, check_at: datetime, claim: Claim | None = None, defaults: Any = NO_LIMITS) -> bool:
        self.check_at.append(check_at)
        return super().add(job, check_at=check_at, claim=claim, defaults=defaults)


@dataclass
class WatchedPace(Pace):
    """A rate limiter that records its calls."""

    asked: list[datetime] = field(default_factory=list)

    def ask(self, now: datetime, *, is_new: bool = False) -> Turn:
        self.asked.append(now)
        return super().ask(now, is_new=is_new)


@dataclass
class WatchedModel(OneModel):
    """A catalogue that records its lookups."""

    asked: list[tuple[str, str]] = field(default_factory=list)

    def find(self, media_type: str, model_id: str) -> Model:
        self.asked.append((media_type, model_id))
        return super().find(media_type, model_id)


@dataclass
class Bench:
    """Ports that record their calls."""

    turn: Turn = field(default_factory=Turn)
    limiter: WatchedLimiter = field(default_factory=WatchedLimiter)
    records: WatchedRecords = field(default_factory=WatchedRecords)
    provider: Provider = field(default_factory=Provider)
    queue: Queue = field(default_factory=Queue)
    screen: Screen = field(default_factory=Screen)
    catalogue: WatchedModel = field(default_factory=WatchedModel)
    unseen: int = 0

    def __post_init__(self) -> None:
        self.pace = WatchedPace(self.turn)

    def accept(self, claim: Claim | None = None) -> Response:
        submission = submission_ports(self.records, self.provider, self.queue, pace=self.pace)
        submission = replace(submission, screen=self.screen)
        claims = Claims(self.records, self.unseen)
        ports = Ports(self.catalogue, self.limiter, 2, self.records, claims, submission, lambda _: None, DEFAULTS)
        return accept("user-1", lambda: WANTED, claim, now=NOW, ports=ports)


def test_a_job_without_a_dispatch_slot_is_queued_recorded_projected_and_has_a_message(logged: Logged) -> None:
    bench = Bench(Turn(ASK_AT))
    response = bench.accept()
    [job] = bench.records.jobs.values()
    assert (job.status, job.revision) == (Status.QUEUED, 0)
    assert (response.status, response.body["jobId"], response.body["status"]) == (202, job.id, "queued")
    assert response.headers["RateLimit"].startswith('"hour";r=1;')
    assert bench.records.check_at == [ASK_AT + LOST_MESSAGE_CHECK]
    [(message, delay)] = bench.queue.sent
    assert (message["jobId"], delay, bench.provider.created) == (job.id, 90, [])
    assert ASK_AT.timestamp() <= message["turnAt"] < ASK_AT.timestamp() + 1
    assert bench.screen.shown == [job]
    [line] = logged()
    assert (line["action"], line["jobId"], line["metadata"]) == ("job.queued", job.id, {"seconds": 90})


def test_a_job_that_waits_is_accepted_though_its_message_cannot_be_sent(logged: Logged) -> None:
    bench = Bench(Turn(ASK_AT), queue=Queue(is_away=True))
    assert bench.accept().status == 202
    [job] = bench.records.jobs.values()
    assert bench.screen.shown == [job]
    [line] = [line for line in logged() if "part" in line]
    assert (line["part"], line["jobId"], line["userId"]) == ("submissions", job.id, "user-1")


@pytest.mark.parametrize("claim", [None, CLAIM])
def test_a_job_that_is_sent_at_once_is_looked_at_again_when_it_is_in_doubt(claim: Claim | None) -> None:
    bench = Bench()
    assert bench.accept(claim).status == 202
    assert bench.records.check_at == [NOW + AMBIGUOUS_CHECK]
    assert (bench.pace.asked, bench.pace.heard[0]) == ([NOW], "new")
    assert (len(bench.provider.created), bench.catalogue.asked) == (1, [("image", "flux-schnell")])
    assert bench.limiter.calls == [("spend", "user-1", NOW, claim and claim.key)]


def test_a_request_that_came_before_is_answered_with_what_is_left_of_its_users_hour() -> None:
    bench = Bench()
    first = bench.accept(CLAIM)
    again = bench.accept(CLAIM)
    assert (again.body["jobId"], again.headers["RateLimit"]) == (first.body["jobId"], first.headers["RateLimit"])
    assert bench.limiter.calls == [("spend", "user-1", NOW, "key-1"), ("look", "user-1", NOW)]


def test_the_request_that_lost_the_race_is_refunded_and_returns_the_quota() -> None:
    bench = Bench()
    first = bench.accept(CLAIM)
    bench.unseen = 1
    again = bench.accept(CLAIM)
    assert again.body["jobId"] == first.body["jobId"]
    assert "RateLimit" in again.headers
    assert bench.limiter.calls[-1] == ("give back", "user-1", NOW, "key-1")


def test_a_refused_request_refunds_the_hour_that_it_was_charged_to() -> None:
    bench = Bench(records=WatchedRecords(refusal=BudgetExceeded("No.")))
    with pytest.raises(BudgetExceeded):
        bench.accept()
    assert bench.limiter.calls == [("spend", "user-1", NOW, None), ("give back", "user-1", NOW, None)]


def test_an_address_for_callbacks_is_kept_and_one_that_is_refused_is_refused_by_default_too() -> None:
    def made(url: str, urls: CallbackUrls) -> str | None:
        wanted = replace(WANTED, callback_url=url)
        return new_job("user-1", wanted, now=NOW, catalogue=OneModel(), callback_urls=urls)[0].callback_url

    assert made("http://127.0.0.1:8000/vsl", LOCAL) == "http://127.0.0.1:8000/vsl"
    for urls in (LOCAL, CALLBACK_URLS):
        with pytest.raises(InvalidFields):
            made("https://127.0.0.1/vsl", urls)
