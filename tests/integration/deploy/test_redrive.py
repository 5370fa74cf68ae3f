"""Dead letters are listed without their content, redriven after a confirmation, and never lost."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from deploy.dead_letters import QUEUES, DeadLetters
from integration.deploy.checkout import Checkout

JOB = "019aac7c-0000-7000-8000-00000000000{}"
LETTER = {"prediction": {"status": "succeeded", "output": "https://replicate.delivery/geheim", "error": "geheim"}}


@dataclass(frozen=True)
class Queues:
    """The three queues of an environment with their dead-letter queues."""

    sqs: Any
    prefix: str

    def url(self, name: str) -> str:
        return str(self.sqs.get_queue_url(QueueName=f"{self.prefix}-{name}")["QueueUrl"])

    def dead(self, queue: str, number: int, **body: Any) -> None:
        """Put a job's message into a dead-letter queue."""
        text = json.dumps({"jobId": JOB.format(number)} | LETTER | body)
        self.sqs.send_message(QueueUrl=self.url(f"{queue}-dead-letters"), MessageBody=text)

    def jobs(self, name: str) -> list[str]:
        """Return the jobs whose messages can be received, and leave the messages there."""
        url = self.url(name)
        messages = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
        return sorted(json.loads(message["Body"])["jobId"] for message in messages.get("Messages", []))


@pytest.fixture
def queues(empty: Checkout, client: Any) -> Queues:
    made = Queues(client("sqs"), empty.prefix)
    for name in QUEUES:
        for full_name in (name, f"{name}-dead-letters"):
            made.sqs.create_queue(QueueName=f"{empty.prefix}-{full_name}")
    return made


@pytest.fixture
def confirmed(empty: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONFIRM", empty.prefix)


def test_before_the_first_apply_there_are_no_queues(empty: Checkout) -> None:
    told = f"there is no queue {empty.prefix}-webhooks with dead letters: run make apply first"
    assert empty.run("redrive", "dev", "--queue", "webhooks").problems == [told]


@pytest.mark.parametrize(("given", "problem"), [("", "QUEUE is missing"), ("emails", "there is no QUEUE=emails")])
def test_without_a_queue_all_three_are_counted(empty: Checkout, queues: Queues, given: str, problem: str) -> None:
    queues.dead("webhooks", 1)
    queues.dead("webhooks", 2)
    queues.dead("callbacks", 3)
    assert empty.run("redrive", "dev", "--queue", given).problems == [
        f"{problem}: dead letters are in submissions (0), webhooks (2), callbacks (1); "
        "or all, for example make redrive ENV=dev QUEUE=webhooks"
    ]


def test_dead_letters_are_listed_and_stay_until_confirmed(empty: Checkout, queues: Queues) -> None:
    queues.dead("webhooks", 1, prediction={"status": "succeeded", "completed_at": "2026-01-01T00:00:00Z"})
    queues.dead("webhooks", 2)
    done = empty.run("redrive", "dev", "--queue", "webhooks")
    assert (done.code, done.problems) == (
        1,
        [f"no terminal to ask for confirmation, nothing was changed: set CONFIRM={empty.prefix}"],
    )
    first, *others = done.out.splitlines()
    assert first == f"{empty.prefix}-webhooks-dead-letters: 2 messages, the oldest shown less than a minute old"
    told = dict(line.strip().split("  ", 1) for line in others)
    assert told[JOB.format(2)] == "a result to be copied, ready less than a minute ago"
    assert told[JOB.format(1)].endswith("ends as media_expired")
    assert "geheim" not in done.out + done.err
    assert queues.jobs("webhooks-dead-letters") == [JOB.format(1), JOB.format(2)]
    assert queues.jobs("webhooks") == []


@pytest.mark.parametrize("name", ["vsl-prod", "yes"])
def test_another_environments_yes_is_none(
    empty: Checkout, queues: Queues, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("CONFIRM", name)
    queues.dead("webhooks", 1)
    done = empty.run("redrive", "dev", "--queue", "webhooks")
    assert done.problems == [f"CONFIRM={name} is not {empty.prefix}: nothing was changed"]
    assert queues.jobs("webhooks-dead-letters") == [JOB.format(1)]


@pytest.mark.usefixtures("confirmed")
def test_after_a_yes_everything_is_back_byte_for_byte(empty: Checkout, queues: Queues) -> None:
    bodies = {f'{{"jobId":"{JOB.format(1)}", "n" : {number}, "text": "größer 🎬"}}' for number in range(23)}
    for body in bodies:
        queues.sqs.send_message(QueueUrl=queues.url("webhooks-dead-letters"), MessageBody=body)
    done = empty.run("redrive", "dev", "--queue", "webhooks")
    assert done.code == 0, done.err
    assert "  … and 3 more" in done.out.splitlines()
    assert f"Back from {empty.prefix}-webhooks-dead-letters: 23 messages" in done.out
    url, back = queues.url("webhooks"), []
    while got := queues.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        back += [message["Body"] for message in got]
    assert (len(back), set(back)) == (23, bodies)
    again = empty.run("redrive", "dev", "--queue", "webhooks")
    assert (again.code, again.out) == (0, f"{empty.prefix}-webhooks-dead-letters: no message\n")


@pytest.mark.usefixtures("confirmed")
def test_all_are_listed_first_and_each_returns_to_its_own_queue(empty: Checkout, queues: Queues) -> None:
    queues.dead("submissions", 1)
    queues.dead("callbacks", 2)
    done = empty.run("redrive", "dev", "--queue", "all")
    assert done.code == 0, done.err
    assert [line.split(":")[0] for line in done.out.splitlines() if line.startswith(empty.prefix)] == [
        f"{empty.prefix}-{name}-dead-letters" for name in QUEUES
    ]
    assert {name: queues.jobs(name) for name in QUEUES} == {
        "submissions": [JOB.format(1)],
        "webhooks": [],
        "callbacks": [JOB.format(2)],
    }


def test_messages_held_by_another_receiver_are_reported(empty: Checkout, queues: Queues) -> None:
    queues.dead("webhooks", 1)
    queues.sqs.receive_message(QueueUrl=queues.url("webhooks-dead-letters"), VisibilityTimeout=60)
    told = f"{empty.prefix}-webhooks-dead-letters: no message; 1 more are in flight, look again in a minute\n"
    assert empty.run("redrive", "dev", "--queue", "webhooks").out == told


@dataclass
class Failing:
    """SQS with one failing operation."""

    sqs: Any
    operation: str
    before: bool

    def __getattr__(self, name: str) -> Any:
        act = getattr(self.sqs, name)
        if name != self.operation:
            return act

        def fail(**arguments: Any) -> None:
            if not self.before:
                act(**arguments)
            raise ClientError({"Error": {"Code": "ServiceUnavailable"}}, name)

        return fail


@pytest.mark.parametrize(
    ("operation", "before", "copies"),
    [("send_message", True, 1), ("send_message", False, 2), ("delete_message", True, 2), ("delete_message", False, 1)],
)
def test_a_failed_redrive_loses_no_message(
    queues: Queues, monkeypatch: pytest.MonkeyPatch, operation: str, before: bool, copies: int
) -> None:
    monkeypatch.setattr("deploy.dead_letters.HELD_SECONDS", 0)
    queues.dead("webhooks", 1)
    failing = DeadLetters.of(Failing(queues.sqs, operation, before), queues.prefix, "webhooks")
    with pytest.raises(ClientError):
        list(failing.send_back())
    there = queues.jobs("webhooks-dead-letters") + queues.jobs("webhooks")
    assert there == [JOB.format(1)] * copies
