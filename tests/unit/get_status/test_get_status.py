"""Answering a status: the chosen store, the allowed user, and the visible fields."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from get_status.flow import Ports, get_status
from get_status.waiting import Time
from mediagen.cache.cache import Cache
from mediagen.cache.waits import Waits
from mediagen.errors.refusals import InvalidFields, InvalidJobId, JobNotFound, Unauthorized
from mediagen.http.edge import Request, Response
from mediagen.jobs.epochs import epoch_seconds
from mediagen.jobs.failures import failure
from mediagen.jobs.job import Document, Job, Output, tombstone
from mediagen.jobs.state import Status
from mediagen.lifecycle.projection import Projection
from unit.conftest import Logged
from unit.samples import JOB_ID, NOW, USER_ID, Records, job

FILE = Output("original", "images/u/2026/11/22/j/original.png", "image/png", 68, "0" * 64, 1, 1)


@dataclass
class Stores(Cache, Projection):
    """Cache and job table, each with at most one document; they record the lookups."""

    cached: Document | None = None
    kept: Document | None = None
    epoch: int = 0
    calls: list[str] = field(default_factory=list)

    def status(self, _job_id: str) -> Document | None:
        self.calls.append("cache")
        return self.cached

    def remember_status(self, document: Document, *, is_of_row: bool = True) -> bool:
        """Fill the cache with documents of the newest epoch only."""
        is_current = is_of_row or epoch_seconds(document["revision"]) == self.epoch
        if is_current:
            self.calls.append(f"fill cache with revision {document['revision']}")
        return is_current

    def read(self, _job_id: str) -> Document | None:
        self.calls.append("table")
        return self.kept

    def show(self, job: Job) -> None:
        self.calls.append(f"show revision {job.revision}")


@dataclass
class Places(Waits):
    """Slots for waiting requests."""

    free: int = 1
    taken: int = 0

    @contextmanager
    def place(self, user_id: str) -> Iterator[bool]:
        assert user_id == USER_ID
        self.free -= 1
        self.taken += 1
        yield self.free >= 0
        self.free += 1


TIME = Time(lambda: NOW, lambda _seconds: pytest.fail("nobody asked to wait"), lambda: 25.0)


def ask(
    stores: Stores,
    *jobs: Job,
    job_id: str = JOB_ID,
    user_id: str = USER_ID,
    time: Time = TIME,
    places: Places | None = None,
    **given: dict[str, str],
) -> Response:
    """Request a status; `headers` and `query` are optional."""
    places = places or Places()
    ports = Ports(stores, Records.of(*jobs), stores, lambda key: f"https://bucket/{key}?signature=s", 900, places)
    request = Request(given.get("headers", {}), {"jobId": job_id}, given.get("query", {}), b"", user_id, "r")
    return get_status(request, time=time, ports=ports)


@pytest.mark.parametrize(
    ("stores", "jobs", "calls"),
    [
        (Stores(cached=job().document()), [], ["cache"]),
        (Stores(kept=job().document()), [job()], ["cache", "table", "fill cache with revision 1"]),
        (Stores(), [job()], ["cache", "table", "show revision 1"]),
    ],
)
def test_the_fastest_store_that_knows_answers_and_the_faster_ones_are_filled(
    stores: Stores, jobs: list[Job], calls: list[str], logged: Logged
) -> None:
    response = ask(stores, *jobs)
    assert (response.status, response.body["status"]) == (200, "submitting")
    assert stores.calls == calls
    [line] = logged()
    assert line["CacheHitRate"] == (100 if calls == ["cache"] else 0)


def test_the_owner_sees_status_times_cost_and_signed_links_but_no_inner_names() -> None:
    done = job(Status.COMPLETED, outputs=(FILE,), cost=job().estimated_cost)
    body: dict[str, Any] = json.loads(json.dumps(ask(Stores(), done).body))
    assert set(body) == {
        "jobId", "status", "mediaType", "modelId", "createdAt", "updatedAt", "startedAt", "completedAt", "expiresAt",
        "estimatedTime", "estimatedCost", "cost", "metadata", "retryOf", "error", "progress", "outputs",
        "leftOut", "partial", "stale",
    }  # fmt: skip
    assert body["outputs"] == [
        {
            "kind": "original",
            "contentType": "image/png",
            "bytes": 68,
            "sha256": "0" * 64,
            "width": 1,
            "height": 1,
            "durationSeconds": None,
            "url": f"https://bucket/{FILE.key}?signature=s",
            "expiresAt": "2026-11-22T17:15:00.000Z",
        }
    ]


def test_a_job_says_when_it_gives_up_what_the_client_noted_and_what_it_repeats() -> None:
    body = ask(Stores(), job(metadata={"order": 7, "vip": True}, retry_of="before")).body
    assert (body["metadata"], body["retryOf"]) == ({"order": 7, "vip": True}, "before")
    assert body["expiresAt"] == "2026-11-22T17:30:00.123Z"


@pytest.mark.parametrize("store", ["cached", "kept"])
def test_a_tombstone_decides_for_every_user_and_every_earlier_state(store: str) -> None:
    stores = Stores(**{store: tombstone(job(Status.COMPLETED, revision=4))})  # type: ignore[arg-type]
    for user in (USER_ID, "somebody-else"):
        with pytest.raises(JobNotFound):
            ask(stores, job(Status.COMPLETED, revision=3), user_id=user)
    assert set(stores.calls) <= {"cache", "table", "fill cache with revision 4"}


def test_a_failure_is_shown_in_our_words() -> None:
    body = ask(Stores(), job(Status.FAILED, error=failure("no_output"))).body
    assert body["error"] == failure("no_output").document()


@pytest.mark.parametrize("status", Status)
def test_a_client_is_told_when_to_look_again_only_while_there_is_something_to_come(status: Status) -> None:
    assert ask(Stores(), job(status)).headers.get("Retry-After") == (None if status.is_final else "3")


@pytest.mark.parametrize(
    "stores",
    [Stores(cached=job().document()), Stores(kept=job().document()), Stores()],
    ids=["cache", "table", "truth"],
)
def test_another_users_job_does_not_exist(stores: Stores) -> None:
    with pytest.raises(JobNotFound) as theirs:
        ask(stores, job(), user_id="somebody-else")
    with pytest.raises(JobNotFound) as nobodys:
        ask(Stores())
    assert theirs.value.detail == nobodys.value.detail
    assert theirs.value.status == 404


@pytest.mark.parametrize("job_id", ["", "x", JOB_ID.upper(), JOB_ID + " ", "../" + JOB_ID, "1 OR 1=1", "ü" * 36])
def test_a_malformed_job_id_is_400_and_no_store_is_asked(job_id: str) -> None:
    stores = Stores()
    with pytest.raises(InvalidJobId) as caught:
        ask(stores, job_id=job_id)
    assert (caught.value.status, stores.calls) == (400, [])


def test_without_a_user_nothing_is_looked_at() -> None:
    stores = Stores(cached=job().document())
    with pytest.raises(Unauthorized):
        ask(stores, user_id="")
    assert stores.calls == []


def test_no_link_is_logged(logged: Logged) -> None:
    ask(Stores(), job(Status.COMPLETED, outputs=(FILE,)))
    assert "signature" not in json.dumps(logged())


def test_the_tag_of_a_state_is_the_same_from_every_store_and_another_after_a_change() -> None:
    tags = {
        ask(stores, job(revision=3)).headers["ETag"]
        for stores in (Stores(), Stores(cached=job(revision=3).document()), Stores(kept=job(revision=3).document()))
    }
    assert len(tags) == 1
    assert ask(Stores(), job(revision=4)).headers["ETag"] not in tags


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("written", ["{}", "{} ", 'W/"other", {}', '"a", {}, "b"', "*"])
def test_a_known_state_gets_304_without_a_body(status: Status, written: str) -> None:
    tag = ask(Stores(), job(status)).headers["ETag"]
    for form in (tag, tag.removeprefix("W/")):
        response = ask(Stores(), job(status), headers={"if-none-match": written.format(form)})
        assert (response.status, response.body, response.headers["ETag"]) == (304, {}, tag)
        assert ("Retry-After" in response.headers) is not status.is_final


@pytest.mark.parametrize("written", ["", "{}x", "W/", 'W/"0"', "rubbish", '"*"', '"'])
def test_another_or_missing_etag_gets_the_job(written: str) -> None:
    unquoted = ask(Stores(), job()).headers["ETag"].removeprefix("W/").strip('"')
    assert ask(Stores(), job(), headers={"if-none-match": written.format(unquoted)}).status == 200


def test_another_users_known_state_is_not_confirmed() -> None:
    with pytest.raises(JobNotFound):
        ask(Stores(), job(), user_id="somebody-else", headers={"if-none-match": "*"}, query={"wait": "20"})


@pytest.mark.parametrize("wait", ["-1", "21", "1.5", "", " 1", "1,2", "0x1", "\u0661", "\u00b2", "9" * 5000, "020"])
def test_a_wait_that_is_not_a_number_of_seconds_up_to_20_is_refused_before_any_store_is_asked(wait: str) -> None:
    stores = Stores(cached=job().document())
    with pytest.raises(InvalidFields) as caught:
        ask(stores, query={"wait": wait})
    [error] = caught.value.errors
    assert (error.path, error.allowed, stores.calls) == ("wait", {"minimum": 0, "maximum": 20}, [])


@pytest.mark.parametrize("status", [status for status in Status if status.is_final])
@pytest.mark.parametrize("headers", [{}, {"if-none-match": "*"}])
def test_a_terminal_job_is_answered_at_once(status: Status, headers: dict[str, str]) -> None:
    assert ask(Stores(), job(status), headers=headers, query={"wait": "20"}).status == (304 if headers else 200)


def test_an_older_etag_is_answered_at_once() -> None:
    tag = ask(Stores(), job(revision=1)).headers["ETag"]
    assert ask(Stores(), job(revision=2), headers={"if-none-match": tag}, query={"wait": "20"}).status == 200
