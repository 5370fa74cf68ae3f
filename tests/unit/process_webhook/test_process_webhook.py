"""Finding the job of a result, and races of results with other transitions."""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from mediagen.cache.cache import Cache
from mediagen.jobs.job import Job
from mediagen.jobs.results import result_message
from mediagen.jobs.state import Status
from mediagen.media.download import Source
from mediagen.outbound.addresses import HostRules
from process_webhook.flow import JobIsMoving, Ports, adopt_prediction, process_webhook
from process_webhook.storing import Store
from unit.conftest import Logged
from unit.samples import JOB_ID, NOW, REPLICATE_ID, Provider, Records, job, prediction
from unit.screen import Screen


@dataclass
class Marks(Cache):
    """Remembers the processed predictions."""

    marked: list[str] = field(default_factory=list)
    epoch: int = 0

    def mark_processed(self, replicate_id: str, epoch: int = 0) -> bool:
        """Remember it; return whether it was known."""
        is_known = epoch == self.epoch and replicate_id in self.marked
        self.marked.append(replicate_id)
        return is_known


@dataclass
class Bench:
    """A flow with ports that record their calls."""

    records: Records
    provider: Provider = field(default_factory=Provider)
    marks: Marks = field(default_factory=Marks)
    screen: Screen = field(default_factory=Screen)

    @property
    def ports(self) -> Ports:
        """Connect the flow to a bucket that must not be used."""
        source = Source(HostRules.parse(["replicate.delivery"]))
        store = Store(None, source, 0, 1, 1, lambda: 1.0, is_last_receive=True)  # type: ignore[arg-type]
        return Ports(self.records, self.provider, self.marks, self.screen, store)

    def run(self, **told: Any) -> Job | None:
        """Handle a failed prediction's message; return the job."""
        message = result_message(prediction(**({"status": "failed"} | told)), NOW)
        process_webhook(message, clock=lambda: NOW, ports=self.ports)
        return self.records.jobs.get(JOB_ID)


@pytest.mark.parametrize("status", [Status.QUEUED, Status.SUBMITTING, Status.PROCESSING])
def test_a_result_completes_a_job_in_any_open_state(status: Status) -> None:
    bench = Bench(Records.of(job(status)))
    ended = bench.run()
    assert ended is not None
    assert (ended.status, ended.replicate_id) == ("failed", REPLICATE_ID)
    assert bench.marks.marked == [REPLICATE_ID]
    assert [shown.status for shown in bench.screen.shown] == ["failed"]


@pytest.mark.parametrize(
    ("metrics", "seconds"),
    [
        ({"predict_time": 4.2018}, Decimal("4.202")),
        ({"predict_time": 3, "total_time": 9}, Decimal(3)),
        ({"predict_time": 0}, Decimal(0)),
        *(({"predict_time": odd}, None) for odd in (-1, "3", True, None, float("nan"), float("inf"), 10**30, [3])),
        ({}, None),
        (None, None),
        ("3", None),
    ],
)
def test_the_run_time_is_replicates_if_plausible(metrics: object, seconds: object) -> None:
    bench = Bench(Records.of(job(Status.PROCESSING)))
    bench.run(metrics=metrics)
    assert bench.records.changes[-1].predict_seconds == seconds


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.FAILED, Status.CANCELED])
def test_a_late_result_does_not_reopen_a_finished_job(status: Status) -> None:
    bench = Bench(Records.of(job(status)))
    assert bench.run() == job(status)
    assert (bench.marks.marked, bench.screen.shown) == ([], [])


def test_the_same_result_again_is_done_with_at_once(logged: Logged) -> None:
    bench = Bench(Records.of(job(Status.COMPLETED)), marks=Marks([REPLICATE_ID]))
    assert bench.run() == job(Status.COMPLETED)
    assert [line["action"] for line in logged()] == ["webhook.duplicate"]


def test_a_processed_mark_does_not_replace_the_read_of_postgresql(logged: Logged) -> None:
    bench = Bench(Records.of(job(Status.PROCESSING)), marks=Marks([REPLICATE_ID]))
    ended = bench.run()
    assert ended is not None
    assert ended.status is Status.FAILED
    failed, not_renewed = logged()
    assert failed["action"] == "job.failed"
    assert (not_renewed["action"], not_renewed["EpochNotRenewed"]) == ("epoch.not_renewed", 1)


def test_a_worker_that_another_one_overtook_sets_no_mark(logged: Logged, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(Records.of(job(Status.COMPLETED)), marks=Marks([REPLICATE_ID]))
    monkeypatch.setattr(bench.records, "find_any", lambda _job_id: job(Status.PROCESSING))
    bench.run()
    assert bench.marks.marked == [REPLICATE_ID]
    assert [line["action"] for line in logged()] == ["job.already_final"]


def test_a_processed_mark_of_another_epoch_is_ignored(logged: Logged) -> None:
    restored = job(Status.PROCESSING, epoch=NOW)
    bench = Bench(Records.of(restored), marks=Marks([REPLICATE_ID], epoch=int(NOW.timestamp()) - 1))
    bench.run()
    assert [line["action"] for line in logged()] == ["job.failed"]


def test_a_restored_job_with_expired_files_is_left_to_the_poller(logged: Logged) -> None:
    restored = job(Status.PROCESSING, epoch=NOW + timedelta(seconds=1))
    bench = Bench(Records.of(restored))
    assert bench.run(status="succeeded", output=None, data_removed=True) == restored
    assert (bench.marks.marked, bench.screen.shown) == ([], [])
    assert [line["action"] for line in logged()] == ["webhook.left_to_poller"]


def test_without_the_mark_a_second_run_changes_nothing() -> None:
    bench = Bench(Records.of(job(Status.PROCESSING)))
    first = bench.run()
    bench.marks.marked.clear()
    assert bench.run() == first
    assert len(bench.screen.shown) == 1


def test_a_result_without_a_job_id_is_found_by_its_prediction() -> None:
    ended = Bench(Records.of(job(Status.PROCESSING))).run(webhook=None)
    assert ended is not None
    assert ended.status is Status.FAILED


@pytest.mark.parametrize("webhook", [None, f"https://api.example/?jobId={JOB_ID}"])
def test_a_result_for_an_unknown_job_is_logged_without_effect(webhook: str | None, logged: Logged) -> None:
    bench = Bench(Records())
    assert bench.run(webhook=webhook) is None
    assert (bench.marks.marked, bench.screen.shown) == ([], [])
    assert [line["action"] for line in logged()] == ["webhook.unknown_job"]


def test_a_second_prediction_of_a_job_is_counted_and_does_not_end_it(logged: Logged) -> None:
    bench = Bench(Records.of(job(Status.PROCESSING, replicate_id="another")))
    assert bench.run(status="failed") == job(Status.PROCESSING, replicate_id="another")
    [line] = logged()
    assert (line["level"], line["DuplicatePredictions"]) == ("ERROR", 1)


@pytest.mark.parametrize(
    ("first", "second", "replicate_id", "canceled"),
    [
        ("succeeded", "processing", REPLICATE_ID, ["another"]),
        ("succeeded", "canceled", REPLICATE_ID, ["another"]),
        ("succeeded", None, REPLICATE_ID, ["another"]),
        ("succeeded", "succeeded", "another", ["another"]),
        ("failed", "processing", "another", []),
    ],
)
def test_a_second_prediction_is_canceled_once_the_first_has_succeeded(
    first: str, second: str | None, replicate_id: str, canceled: list[str]
) -> None:
    provider = Provider(known={"another": prediction(second, id="another")} if second else {})
    bench = Bench(Records.of(job(Status.PROCESSING, replicate_id="another")), provider)
    ended = bench.run(status=first)
    assert ended is not None
    assert (ended.replicate_id, provider.canceled) == (replicate_id, canceled)


def test_a_result_too_large_for_the_queue_is_read_from_replicate() -> None:
    provider = Provider(known={REPLICATE_ID: prediction("failed", error="out of memory")})
    ended = Bench(Records.of(job(Status.PROCESSING)), provider).run(output="x" * 300_000)
    assert ended is not None
    assert ended.error is not None
    assert ended.error.code == "out_of_memory"


def test_a_large_result_that_replicate_does_not_find_now_is_asked_for_again() -> None:
    bench = Bench(Records.of(job(Status.PROCESSING)))
    with pytest.raises(JobIsMoving):
        bench.run(status="succeeded", output="x" * 300_000)
    assert bench.marks.marked == []


def test_a_large_result_whose_data_replicate_has_removed_is_expired() -> None:
    provider = Provider(known={REPLICATE_ID: prediction("succeeded", data_removed=True)})
    ended = Bench(Records.of(job(Status.PROCESSING)), provider).run(status="succeeded", output="x" * 300_000)
    assert ended is not None
    assert ended.error is not None
    assert ended.error.code == "media_expired"


def test_a_failure_before_the_commit_leaves_no_mark_so_that_the_message_is_retried() -> None:
    bench = Bench(Records.of(job(Status.PROCESSING)))
    bench.records.is_away = True
    with pytest.raises(Exception, match="database"):
        bench.run()
    assert bench.marks.marked == []


def test_a_job_in_transition_is_left_to_the_next_attempt() -> None:
    bench = Bench(Records.of(job(Status.PROCESSING)))
    with pytest.raises(JobIsMoving):
        adopt_prediction(job(Status.SUBMITTING), REPLICATE_ID, now=NOW, ports=bench.ports)


def test_adopting_a_running_job_changes_nothing() -> None:
    bench = Bench(Records.of(job(Status.PROCESSING)))
    assert adopt_prediction(job(Status.PROCESSING), REPLICATE_ID, now=NOW, ports=bench.ports) == job(Status.PROCESSING)
    assert bench.records.changes == []
