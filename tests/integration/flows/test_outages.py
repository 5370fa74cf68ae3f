"""Replicate is down for an hour: accepted jobs wait, create calls are rare, and each job is then sent in order."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from time_machine import TimeMachineFixture

from integration.conftest import Logged
from integration.flows.batches import BOAT, ask
from integration.flows.models import MODELS
from integration.flows.world import World
from integration.stores.jobs import add_user
from integration.wire import closed_port
from mediagen.cache.pace import DOUBTS, LONGEST_PAUSE_SECONDS
from mediagen.jobs.state import Status

JOBS = 100  # a full batch, and more jobs than one hour has attempts
STEP_SECONDS, POLL_SECONDS, OUTAGE_SECONDS = 30, 300, 3600
PROMPT = "ein Boot [[fault:never-finishes]]"
MOST_TRIES = OUTAGE_SECONDS // LONGEST_PAUSE_SECONDS + 10  # the first pauses are shorter


@pytest.fixture
def patient(world: World, restart: Callable[..., None]) -> World:
    """A world with a model whose jobs have four hours."""
    model = MODELS["image"]["flux-schnell"] | {"deadlineSeconds": 4 * 3600}
    restart(MODELS=json.dumps({"image": {"flux-schnell": model}}))
    return world


@pytest.fixture
def passing(patient: World, time_machine: TimeMachineFixture) -> Iterator[Callable[[int], None]]:
    """Advance the time while the queue is processed and the poller runs."""
    time_machine.move_to(datetime.now().astimezone())
    passed = 0

    def seconds(number: int) -> None:
        nonlocal passed
        for _ in range(number // STEP_SECONDS):
            time_machine.shift(STEP_SECONDS)
            passed += STEP_SECONDS
            assert patient.pump("submissions") == []
            if passed % POLL_SECONDS == 0:
                patient.check()

    yield seconds


def accept(world: World, passing: Callable[[int], None]) -> list[str]:
    """Accept one job every two minutes for an hour, of three users in turn."""
    users = [world.user_id, add_user(world.sql), add_user(world.sql)]
    accepted = []
    for number in range(OUTAGE_SECONDS // 120):
        body = {"mediaType": "image", "modelId": "flux-schnell", "params": {"prompt": PROMPT}}
        answer = world.post(json.dumps(body).encode(), user_id=users[number % 3])
        assert answer.status == 202, answer.body
        accepted.append(str(answer.body["jobId"]))
        passing(120)
    return accepted


def sent_in_order(world: World) -> list[str]:
    """List the jobs of all predictions, oldest first."""
    return [str(one.job) for one in reversed(world.replicate.simulator.store.newest_first())]


def told(lines: list[dict[str, Any]], action: str) -> int:
    return sum(line["action"] == action for line in lines)


def test_after_an_hour_without_a_connection_the_jobs_are_sent_as_they_were_accepted(
    patient: World, passing: Callable[[int], None], restart: Callable[..., None], logged: Logged
) -> None:
    restart(REPLICATE_BASE_URL=f"http://127.0.0.1:{closed_port()}/v1")
    accepted = accept(patient, passing)
    assert {patient.job(job_id).status for job_id in accepted} == {Status.QUEUED}
    assert 10 <= told(logged(), "job.postponed") <= MOST_TRIES
    assert sum(line.get("SubmissionsPaused", 0) for line in logged()) >= 10
    assert [line["JobsQueued"] for line in logged() if line["action"] == "check.done"][-1] >= len(accepted) - 1
    restart(REPLICATE_BASE_URL=f"{patient.replicate.url}/v1")
    passing(600)
    assert sent_in_order(patient) == accepted
    assert told(logged(), "submissions.resumed") == 1


def test_after_an_hour_of_503_each_job_is_sent_once_those_in_doubt_when_their_absence_is_proven(
    patient: World, passing: Callable[[int], None], logged: Logged
) -> None:
    patient.replicate.simulator.add_faults({"fault": "503", "on": "create"}, {"fault": "503", "on": "list"})
    results = ask(patient, *[BOAT | {"prompt": PROMPT}] * JOBS).body["results"]
    passing(OUTAGE_SECONDS)
    statuses = Counter(patient.job(result["jobId"]).status for result in results)
    assert DOUBTS <= statuses[Status.SUBMITTING] == told(logged(), "job.submission_ambiguous") <= DOUBTS + MOST_TRIES
    assert statuses[Status.QUEUED] == JOBS - statuses[Status.SUBMITTING] > 0
    patient.replicate.simulator.faults.clear()
    passing(1200)
    assert sorted(sent_in_order(patient)) == sorted(result["jobId"] for result in results)
    assert {patient.job(result["jobId"]).status for result in results} == {Status.PROCESSING}
