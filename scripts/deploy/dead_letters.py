"""Dead-letter queues: list messages without their content, and redrive them without losing one."""

import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from common.problems import SetupProblem

# In flow order: the queue, and what each of its messages asks for.
QUEUES = {
    "submissions": "a dispatch of queued jobs",
    "webhooks": "a result to be copied",
    "callbacks": "a callback for a completed job",
}
REPLICATE_KEEPS = timedelta(hours=1)
# Visibility timeout while a message is listed or redriven, in seconds; then it becomes visible again.
HELD_SECONDS = 60
ASKED_SECONDS = 1  # long poll: a receive that does not wait asks only some of SQS's servers
AT_MOST = 10  # messages in a receive
COUNTS = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]


@dataclass(frozen=True)
class Letter:
    """The parts of a message that may be shown; `result_of` is when its result file was ready."""

    job_id: str | None
    sent: datetime
    result_of: datetime | None

    def told(self, queue: str, now: datetime) -> str:
        """Return a line: what the message asks for, its age, and what a redrive would do."""
        if self.job_id is None:
            return "it names no job: a redrive will fail again"
        if self.result_of is None:
            return f"{QUEUES[queue]}, {age(now - self.sent)} old"
        old = f"{QUEUES[queue]}, ready {age(now - self.result_of)} ago"
        if now - self.result_of < REPLICATE_KEEPS:
            return old
        return f"{old}: Replicate has deleted it, so a job that has not ended yet ends as media_expired"


@dataclass(frozen=True)
class DeadLetters:
    """A queue and its dead-letter queue, with an SQS client."""

    sqs: Any
    queue: str
    url: str
    dead_url: str

    @classmethod
    def of(cls, sqs: Any, prefix: str, queue: str) -> "DeadLetters":
        """Find both queues. Raises SetupProblem if they do not exist."""
        names = (f"{prefix}-{queue}", f"{prefix}-{queue}-dead-letters")
        try:
            url, dead_url = (sqs.get_queue_url(QueueName=name)["QueueUrl"] for name in names)
        except sqs.exceptions.QueueDoesNotExist:
            raise SetupProblem(f"there is no queue {names[0]} with dead letters: run make apply first") from None
        return cls(sqs, queue, url, dead_url)

    @property
    def name(self) -> str:
        """The name of the dead-letter queue."""
        return self.dead_url.rpartition("/")[2]

    def count(self) -> tuple[int, int]:
        """Return how many messages are visible, and how many are in flight."""
        told = self.sqs.get_queue_attributes(QueueUrl=self.dead_url, AttributeNames=COUNTS)["Attributes"]
        return int(told[COUNTS[0]]), int(told[COUNTS[1]])

    def look(self, limit: int) -> list[Letter]:
        """Read some messages, oldest first, and make them visible again."""
        held: dict[str, Mapping[str, Any]] = {}
        try:
            for message in self._received():
                held[message["MessageId"]] = message
                if len(held) >= limit:
                    break
        finally:
            for message in held.values():
                self._let_go(message)
        return sorted((read(message) for message in held.values()), key=lambda letter: letter.sent)

    def send_back(self) -> Iterator[int]:
        """Redrive all messages; yield the number so far.

        Each message is sent before it is deleted, so a crash in between can duplicate it, which is harmless.
        """
        for done, message in enumerate(self._received(), 1):
            self.sqs.send_message(QueueUrl=self.url, MessageBody=message["Body"])
            self.sqs.delete_message(QueueUrl=self.dead_url, ReceiptHandle=message["ReceiptHandle"])
            yield done

    def _received(self) -> Iterator[Mapping[str, Any]]:
        """Receive until the queue returns no more messages."""
        while True:
            batch = self.sqs.receive_message(
                QueueUrl=self.dead_url,
                MaxNumberOfMessages=AT_MOST,
                VisibilityTimeout=HELD_SECONDS,
                WaitTimeSeconds=ASKED_SECONDS,
                MessageSystemAttributeNames=["SentTimestamp"],
            ).get("Messages", [])
            if not batch:
                return
            yield from batch

    def _let_go(self, message: Mapping[str, Any]) -> None:
        self.sqs.change_message_visibility(
            QueueUrl=self.dead_url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
        )


def read(message: Mapping[str, Any]) -> Letter:
    """Read the parts of a message that may be shown: a valid id, and times."""
    sent = datetime.fromtimestamp(int(message["Attributes"]["SentTimestamp"]) / 1000, UTC)
    body: object = None
    with suppress(ValueError):
        body = json.loads(message["Body"])
    if not isinstance(body, dict):
        return Letter(None, sent, None)
    result = body.get("prediction")
    ready = _ready(result, sent) if isinstance(result, dict) and result.get("status") == "succeeded" else None
    return Letter(_id(body.get("jobId")), sent, ready)


def age(passed: timedelta) -> str:
    """Format an age in the largest unit that fits."""
    minutes = max(0, int(passed.total_seconds())) // 60
    if minutes < 1:
        return "less than a minute"
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} days"


def _id(given: object) -> str | None:
    try:
        return str(uuid.UUID(given)) if isinstance(given, str) else None
    except ValueError:
        return None


def _ready(result: Mapping[str, Any], sent: datetime) -> datetime:
    """Return when the prediction completed; if the message lacks that time, return when it was sent."""
    try:
        told = datetime.fromisoformat(result.get("completed_at") or "")
    except (TypeError, ValueError):
        return sent
    return told if told.tzinfo else told.replace(tzinfo=UTC)
