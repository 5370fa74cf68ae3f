"""Bugs of meaning, planted one at a time: the service runs on, and the histories alone must notice.

`make seeded` runs short histories over each of them. A place that is not there any more fails the run, and so does a
bug that no history reached.
"""

import json
import os
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from mediagen.jobs.failures import failure
from mediagen.jobs.state import Status
from mediagen.lifecycle.completion import FREE
from mediagen.records.database import connect

VERDICT = Path(__file__).parents[4] / "build" / "seeded" / f"{os.environ.get('SEEDED_BUG')}.json"
MOVE = "mediagen.records.jobs:JobRecords.move"


@dataclass
class Planting:
    """Where a bug is put: the modules of this process and the database of the tests. `hits` counts when it acted."""

    monkeypatch: pytest.MonkeyPatch
    owner_url: str
    hits: int = 0

    def caught(self, promise: str, histories: int, steps: int) -> None:
        """Write which promise a history found broken, for the program that runs all bugs."""
        assert self.hits, "a promise is broken, and the bug never acted"
        VERDICT.parent.mkdir(parents=True, exist_ok=True)
        VERDICT.write_text(json.dumps({"promise": promise, "histories": histories, "steps": steps}))

    def instead(self, place: str, make: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
        """Put what `make` returns for the original in the place of a function: `module:name`."""
        module, _, path = place.partition(":")
        owner: Any = import_module(module)
        *parents, name = path.split(".")
        for parent in parents:
            owner = getattr(owner, parent)
        self.monkeypatch.setattr(owner, name, make(getattr(owner, name)))

    def with_change(self, is_wrong: Callable[[Status, Any], bool], **wrong: Any) -> None:
        """Write something else in those moves of a job that `is_wrong` selects."""

        def make(move: Callable[..., Any]) -> Callable[..., Any]:
            def moved(records: Any, job_id: str, target: Status, change: Any, **more: Any) -> Any:
                if is_wrong(target, change):
                    self.hits += 1
                    change = replace(change, **wrong)
                return move(records, job_id, target, change, **more)

            return moved

        self.instead(MOVE, make)

    def in_text(self, place: str, was: str, becomes: str) -> None:
        """Change a statement that is kept as a text."""
        module, _, name = place.partition(":")
        text = getattr(import_module(module), name)
        assert was in text, f"{place} has no {was!r}"
        self.monkeypatch.setattr(f"{module}.{name}", text.replace(was, becomes))
        self.hits += 1

    def in_database(self, function: str, was: str, becomes: str) -> None:
        """Change a function of the database."""
        with closing(connect(self.owner_url)) as connection:
            [[text]] = connection.run(f"SELECT pg_get_functiondef('{function}'::regproc)")
            assert was in text, f"{function} has no {was!r}"
            connection.run(text.replace(was, becomes))
        self.hits += 1


def completed_jobs_cost_nothing(at: Planting) -> None:
    at.with_change(lambda target, _: target is Status.COMPLETED, cost=FREE)


def cancel_is_always_free(at: Planting) -> None:
    at.with_change(lambda _, change: change.reason == "canceled_by_client" and change.cost != 0, cost=FREE)


def late_runs_are_free(at: Planting) -> None:
    at.with_change(lambda _, change: change.reason == "deadline_exceeded" and change.cost != 0, cost=FREE)


def every_success_fails(at: Planting) -> None:
    gone = failure("media_expired")
    at.instead(MOVE, lambda move: _failing(at, move, cost=Decimal(0), error=gone, reason=gone.code, outputs=()))


def _failing(at: Planting, move: Callable[..., Any], **wrong: Any) -> Callable[..., Any]:
    def moved(records: Any, job_id: str, target: Status, change: Any, **more: Any) -> Any:
        if target is Status.COMPLETED:
            at.hits += 1
            target, change = Status.FAILED, replace(change, **wrong)
        return move(records, job_id, target, change, **more)

    return moved


def the_mark_is_set_before_the_commit(at: Planting) -> None:
    def make(finish: Callable[..., Any]) -> Callable[..., Any]:
        def finished(job: Any, prediction: Any, *, ports: Any, **more: Any) -> Any:
            at.hits += 1
            ports.marks.mark_processed(prediction["id"])
            return finish(job, prediction, ports=ports, **more)

        return finished

    at.instead("process_webhook.flow:finish", make)


def a_callback_is_never_sent(at: Planting) -> None:
    def make(_: Callable[..., Any]) -> Callable[..., Any]:
        def sent(*_: Any) -> Any:
            at.hits += 1
            return import_module("deliver_callback.sending").Outcome(status_code=200)

        return sent

    at.instead("deliver_callback.sending:Sender.send", make)


def a_completion_is_reported_twice(at: Planting) -> None:
    at.in_text("mediagen.records.callbacks:_CLAIM", "next_try_at <= :soon AND", "CAST(:soon AS text) <> '' AND")


def a_reservation_is_never_released(at: Planting) -> None:
    at.in_database("month_of_user", "client AND completed_at IS NULL", "client")


def a_file_is_left_out(at: Planting) -> None:
    def make(collect: Callable[..., Any]) -> Callable[..., Any]:
        def collected(*given: Any, **more: Any) -> Any:
            references = collect(*given, **more)
            at.hits += len(references.found) > 1
            return replace(references, found=references.found[:1])

        return collected

    at.instead("process_webhook.storing:collect_references", make)


def a_retry_loses_its_deadline(at: Planting) -> None:
    def make(repeat_request: Callable[..., Any]) -> Callable[..., Any]:
        def wanted(*given: Any) -> Any:
            at.hits += 1
            return replace(repeat_request(*given), deadline_seconds=None)

        return wanted

    at.instead("retry_job.flow:repeat_request", make)


def another_token_proves_absence(at: Planting) -> None:
    def make(_: Callable[..., Any]) -> Callable[..., Any]:
        def replaced_at(*_: Any) -> None:
            at.hits += 1

        return replaced_at

    at.instead("mediagen.aws.secrets:Secrets.replaced_at", make)


BUGS: dict[str, Callable[[Planting], None]] = {
    plant.__name__: plant
    for plant in (
        completed_jobs_cost_nothing,
        cancel_is_always_free,
        late_runs_are_free,
        every_success_fails,
        the_mark_is_set_before_the_commit,
        a_callback_is_never_sent,
        a_completion_is_reported_twice,
        a_reservation_is_never_released,
        a_file_is_left_out,
        a_retry_loses_its_deadline,
        another_token_proves_absence,
    )
}


def planted(monkeypatch: pytest.MonkeyPatch, owner_url: str) -> Planting | None:
    """Plant the bug that SEEDED_BUG names, if it names one."""
    name = os.environ.get("SEEDED_BUG")
    if name is None:
        return None
    planting = Planting(monkeypatch, owner_url)
    BUGS[name](planting)
    return planting
