"""A queue: send a message, or bring a received one back at another time."""

import json
from collections.abc import Iterable, Mapping

from mediagen.aws.client import call
from mediagen.aws.settings import Aws

# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
LONGEST_DELAY_SECONDS = 900
AT_ONCE = 8  # the pool keeps 10 connections


class Queue:
    """One standard queue, named by its URL."""

    def __init__(self, aws: Aws, url: str) -> None:
        self.aws = aws
        self.url = url

    def send(self, message: Mapping[str, object], *, delay_seconds: int = 0) -> None:
        """Send a message as JSON; a delay above 15 minutes, which the queue would refuse, becomes 15 minutes.

        A message may arrive twice: the queue does so by itself, and a lost answer makes us send it again.
        """
        delay = max(0, min(delay_seconds, LONGEST_DELAY_SECONDS))
        body = json.dumps(message, separators=(",", ":"), allow_nan=False)
        request = {"QueueUrl": self.url, "MessageBody": body, "DelaySeconds": delay}
        call(self.aws, "sqs", "SendMessage", request)

    def send_all(self, messages: Iterable[Mapping[str, object]]) -> None:
        """Send messages, some at a time. Raises AwsError when one cannot be sent; then those after it may be unsent."""
        from concurrent.futures import ThreadPoolExecutor

        pool = ThreadPoolExecutor(AT_ONCE)
        try:
            for _ in pool.map(self.send, messages):
                pass
        finally:
            pool.shutdown(cancel_futures=True)  # where one waited in vain, a hundred would wait for minutes

    def change_visibility(self, receipt_handle: str, *, timeout_seconds: int) -> None:
        """Let a received message be seen again in `timeout_seconds`, counted from now."""
        request = {
            "QueueUrl": self.url,
            "ReceiptHandle": receipt_handle,
            "VisibilityTimeout": timeout_seconds,
        }
        call(self.aws, "sqs", "ChangeMessageVisibility", request)
