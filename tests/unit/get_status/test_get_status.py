"""Answering a status: from which store, to whom, and what is shown."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from get_status.flow import Ports, get_status
from mediagen.edge import Request, Response
from mediagen.failures import failure
from mediagen.jobs import Document, Job, Output
from mediagen.refusals import InvalidJobId, JobNotFound, Unauthorized
from mediagen.states import Status
from unit.conftest import Logged
from unit.samples import JOB_ID, USER_ID, Records, job

FILE = Output("original", "images/u/2026/11/22/j/original.png", "image/png", 68, "0" * 64, 1, 1)


@dataclass
class Stores:
    """Cache and job table, each with at most one document; they write down who was asked."""

    cached: Document | None = None
    kept: Document | None = None
    calls: list[str] = field(default_factory=list)

    def status(self, _job_id: str) -> Document | None:
        """Read the cache."""
        self.calls.append("cache")
        return self.cached

    def remember_status(self, document: Document) -> None:
        """Fill the cache."""
        self.calls.append(f"fill cache with revision {document['revision']}")

    def read(self, _job_id: str) -> Document | None:
        """Read the job table."""
        self.calls.append("table")
        return self.kept

    def show(self, job: Job) -> None:
        """Fill both."""
        self.calls.append(f"show revision {job.revision}")


def ask(stores: Stores, *jobs: Job, job_id: str = JOB_ID, user_id: str = USER_ID) -> Response:
    """Ask for a status."""
    ports = Ports(stores, Records.of(*jobs), stores, lambda key: f"https://bucket/{key}?signature=s", 900)
    return get_status(Request({}, {"jobId": job_id}, {}, b"", user_id, "r"), ports=ports)


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
        "jobId", "status", "mediaType", "modelId", "createdAt", "updatedAt", "completedAt", "deadlineAt",
        "estimatedTime", "estimatedCost", "cost", "error", "outputs",
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
            "urlExpiresInSeconds": 900,
        }
    ]


def test_a_failure_is_shown_in_our_words() -> None:
    body = ask(Stores(), job(Status.FAILED, error=failure("no_output"))).body
    assert body["error"] == failure("no_output").document()


@pytest.mark.parametrize("status", Status)
def test_a_client_is_told_when_to_look_again_only_while_there_is_something_to_come(status: Status) -> None:
    headers = ask(Stores(), job(status)).headers
    assert headers == ({} if status.is_final else {"Retry-After": "2"})


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
