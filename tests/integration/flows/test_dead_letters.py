"""A result that cannot be copied is dead-lettered after five attempts; redriven, it completes its job once."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from deploy.__main__ import main
from integration.deploy.checkout import REGION, new_checkout
from integration.flows.cloud import BUCKET
from integration.flows.world import World
from integration.waiting import eventually
from mediagen.aws.queue import Queue
from mediagen.jobs.state import Status

FREE = Decimal(0)
RECEIVES = 5


@dataclass
class Office:
    """A world whose webhooks queue allows five receives, and the infra team's command."""

    world: World
    dead_url: str
    root: Path
    capture: pytest.CaptureFixture[str]
    restart: Callable[..., None]
    hidden_for: list[int]

    def fail_until_dead(self) -> None:
        """Let process_webhook fail until the message is dead-lettered."""
        for _ in range(RECEIVES):
            assert len(eventually(lambda: self.world.pump("webhooks"), "a failing message")) == 1
        assert self.world.pump("webhooks") == []

    def dead(self) -> int:
        return self.world.cloud.waiting(self.dead_url)[0]

    def redrive(self) -> str:
        """Run the command; return its output."""
        self.capture.readouterr()
        assert main(["redrive", "dev", "--queue", "webhooks"], self.root) == 0
        return str(self.capture.readouterr().out)

    def without_bucket(self) -> None:
        self.restart(MEDIA_BUCKET="vsl-test-nobodys-bucket")

    def with_bucket(self) -> None:
        self.restart(MEDIA_BUCKET=BUCKET)


@pytest.fixture
def office(
    world: World,
    restart: Callable[..., None],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Office:
    checkout = new_checkout(tmp_path, capsys, world.cloud.client("s3"))
    checkout.values(region=world.cloud.aws.region)
    backend = checkout.root / "terraform/environments/dev.s3.tfbackend"
    backend.write_text(backend.read_text().replace(REGION, world.cloud.aws.region))
    monkeypatch.setenv("CONFIRM", checkout.prefix)
    url, dead_url = with_dead_letters(world.cloud.client("sqs"), checkout.prefix)
    hidden_for: list[int] = []
    change = Queue.change_visibility

    def at_once(queue: Queue, receipt_handle: str, *, timeout_seconds: int) -> None:
        hidden_for.append(timeout_seconds)
        change(queue, receipt_handle, timeout_seconds=0)

    monkeypatch.setattr(Queue, "change_visibility", at_once)
    restart(WEBHOOKS_QUEUE_URL=url)
    moved = replace(world, queues={**world.queues, "webhooks": url})
    return Office(moved, dead_url, checkout.root, capsys, restart, hidden_for)


def with_dead_letters(sqs: Any, prefix: str) -> tuple[str, str]:
    """Create the queue and its dead-letter queue as Terraform does."""
    dead_url = sqs.create_queue(QueueName=f"{prefix}-webhooks-dead-letters")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead_url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": RECEIVES})
    url = sqs.create_queue(QueueName=f"{prefix}-webhooks", Attributes={"RedrivePolicy": policy})["QueueUrl"]
    return str(url), str(dead_url)


def ended_once(world: World, job_id: str) -> None:
    """Check that the job is completed, and that every effect happened exactly once."""
    job = world.settled(job_id)
    assert job.status is Status.COMPLETED
    assert world.created(job_id) == {"created": 1, "billable": 1}
    assert world.reasons(job_id).count("succeeded") == 1
    kinds = [output.kind for output in job.outputs]
    assert len(kinds) == len(set(kinds)) == world.count("media_outputs")
    assert sorted(world.cloud.keys(f"images/{world.user_id}")) == sorted(output.key for output in job.outputs)


def test_a_poisoned_result_is_dead_lettered_after_five_attempts_and_redriven(office: Office) -> None:
    world = office.world
    office.without_bucket()
    job_id = world.accepted()
    office.fail_until_dead()
    assert office.hidden_for == [5, 15, 45, 120, 120]  # together a tenth of Replicate's hour
    assert (office.dead(), world.cloud.waiting(world.queues["webhooks"])) == (1, (0, 0))
    assert world.job(job_id).status is Status.PROCESSING

    office.with_bucket()
    shown = office.redrive()
    assert f"{job_id}  a result to be copied, ready less than a minute ago" in shown
    assert office.dead() == 0
    ended_once(world, job_id)


def test_a_result_redriven_twice_is_copied_once(office: Office) -> None:
    world = office.world
    office.without_bucket()
    job_id = world.accepted()
    office.fail_until_dead()
    world.cloud.client("sqs").send_message(QueueUrl=office.dead_url, MessageBody=json.dumps(world.processed[-1]))
    office.with_bucket()
    assert "2 messages" in office.redrive()
    ended_once(world, job_id)
    assert world.cloud.waiting(world.queues["webhooks"]) == (0, 0)


def test_a_result_redriven_after_replicates_hour_fails_its_job_with_a_reason(office: Office) -> None:
    world = office.world
    office.without_bucket()
    job_id = world.accepted()
    office.fail_until_dead()
    office.with_bucket()
    world.prediction(job_id).data_removed = True
    office.redrive()
    job = world.settled(job_id)
    assert (job.status, job.cost, job.error and job.error.code) == (Status.FAILED, FREE, "media_expired")
    assert world.cloud.keys(f"images/{world.user_id}") == []


def test_redriving_a_result_that_the_poller_completed_changes_nothing(office: Office) -> None:
    world = office.world
    office.without_bucket()
    job_id = world.accepted()
    office.fail_until_dead()
    office.with_bucket()
    world.overdue(job_id)
    world.check()
    ended_once(world, job_id)
    office.redrive()
    assert world.pump() == []
    ended_once(world, job_id)


def test_an_unreadable_message_is_reported_and_dead_lettered_again(office: Office) -> None:
    world = office.world
    world.cloud.client("sqs").send_message(QueueUrl=world.queues["webhooks"], MessageBody='{"geheim": 1}')
    office.fail_until_dead()
    shown = office.redrive()
    assert "it names no job: a redrive will fail again" in shown
    assert "geheim" not in shown
    office.fail_until_dead()
    assert office.dead() == 1
