"""Queues, on both emulators."""

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest

from mediagen.aws.errors import AwsError
from mediagen.aws.queue import AT_ONCE, Queue
from mediagen.aws.settings import Aws


@pytest.fixture
def sqs(aws: Aws, boto: Callable[..., Any]) -> Any:
    return boto(aws, "sqs")


@pytest.fixture
def queue(aws: Aws, sqs: Any, name: str) -> Queue:
    return Queue(aws, sqs.create_queue(QueueName=name)["QueueUrl"])


def received(sqs: Any, queue: Queue, seconds: float = 20) -> list[dict[str, Any]]:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        messages = sqs.receive_message(QueueUrl=queue.url, WaitTimeSeconds=1).get("Messages", [])
        if messages:
            return list(messages)
    return []


def in_flight(sqs: Any, queue: Queue, attribute: str) -> int:
    answer = sqs.get_queue_attributes(QueueUrl=queue.url, AttributeNames=[attribute])
    return int(answer["Attributes"][attribute])


def test_a_message_arrives_as_it_was_sent(sqs: Any, queue: Queue) -> None:
    sent = {"jobId": "0190", "output": ['Zwölf <Boxkämpfer> & " \\ 日本 🎬', None, 1.5, {"deep": True}]}
    queue.send(sent)
    [message] = received(sqs, queue)
    assert json.loads(message["Body"]) == sent


@pytest.mark.parametrize("delay_seconds", [900, 901, 100_000])
def test_a_delayed_message_waits_and_a_longer_delay_than_allowed_is_shortened(
    sqs: Any, queue: Queue, delay_seconds: int
) -> None:
    queue.send({"job": "later"}, delay_seconds=delay_seconds)
    assert in_flight(sqs, queue, "ApproximateNumberOfMessagesDelayed") == 1


def test_a_negative_delay_is_none(sqs: Any, queue: Queue) -> None:
    queue.send({"job": "now"}, delay_seconds=-5)
    assert [json.loads(message["Body"]) for message in received(sqs, queue)] == [{"job": "now"}]


def test_a_received_message_can_be_made_visible_at_once(sqs: Any, queue: Queue) -> None:
    queue.send({"job": "again"})
    [message] = received(sqs, queue)
    queue.change_visibility(message["ReceiptHandle"], timeout_seconds=0)
    assert [json.loads(again["Body"]) for again in received(sqs, queue)] == [{"job": "again"}]


def test_a_queue_that_is_not_there_is_an_error(queue: Queue) -> None:
    with pytest.raises(AwsError) as caught:
        Queue(queue.aws, queue.url + "-missing").send({"job": "lost"})
    assert caught.value.is_not_found


def test_many_messages_are_sent_at_a_time_and_all_arrive(sqs: Any, queue: Queue) -> None:
    queue.send_all({"job": number} for number in range(23))
    found: list[int] = []
    while len(found) < 23:
        messages = received(sqs, queue)
        assert messages, found
        for message in messages:
            found.append(json.loads(message["Body"])["job"])
            sqs.delete_message(QueueUrl=queue.url, ReceiptHandle=message["ReceiptHandle"])
    assert sorted(found) == list(range(23))


def test_sends_after_a_failed_message_are_canceled(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    """All messages but the first would wait for an answer, unless the sends that have not begun are canceled."""
    sent: list[object] = []
    canceled, shutdown = Event(), ThreadPoolExecutor.shutdown

    def send(_: Queue, message: dict[str, int]) -> None:
        sent.append(message)
        if message["job"] == 0:
            raise AwsError("InternalError", 500, "not now")
        canceled.wait()

    def cancel(pool: ThreadPoolExecutor, **how: bool) -> None:
        shutdown(pool, wait=False, **how)
        canceled.set()
        shutdown(pool)

    monkeypatch.setattr(Queue, "send", send)
    monkeypatch.setattr(ThreadPoolExecutor, "shutdown", cancel)
    with pytest.raises(AwsError):
        queue.send_all({"job": number} for number in range(100))
    assert len(sent) <= AT_ONCE + 1
