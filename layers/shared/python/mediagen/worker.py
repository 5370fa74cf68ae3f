"""The edge of functions that answer no client: messages of a queue, scheduled runs, and commands of an operator."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from mediagen import log
from mediagen.degraded import degraded
from mediagen.errors.refusals import Refusal
from mediagen.errors.text import SafeMessage, describe
from mediagen.strict_json import read_json

type Event = Mapping[str, Any]


class TaskFailed(SafeMessage, Exception):
    """Replaces a library's exception: Lambda logs the message of an exception that leaves a handler."""


def queue(
    event: Event,
    handle: Callable[[Any], None],
    *,
    retry_later: Callable[[str, int], None] = lambda _receipt, _receives: None,
) -> dict[str, object]:
    """Handle each message of an SQS event. Failed messages are reported one by one, and SQS delivers them again.

    `retry_later(receipt_handle, receives)` may shorten the wait for that, which is the visibility timeout otherwise.
    """
    log.quiet_libraries()
    failed: list[dict[str, str]] = []
    for record in event["Records"]:
        with log.occasion(messageId=record["messageId"]):
            try:
                handle(read_json(record["body"]))
            except Exception as error:
                received = _receives(record)
                log.unexpected(error, receives=received)
                failed.append({"itemIdentifier": record["messageId"]})
                with degraded("queue.visibility"):
                    retry_later(record["receiptHandle"], received)
    return {"batchItemFailures": failed}


def receives(event: Event) -> int:
    """Return the highest receive count among the messages of an SQS event, this delivery included."""
    return max(map(_receives, event["Records"]))


def _receives(record: Mapping[str, Any]) -> int:
    return int(record["attributes"]["ApproximateReceiveCount"])


def task[T](name: str, run: Callable[[], T], **ids: object) -> T:
    """Run a task that answers no client, and log its duration. Its error becomes the function's error.

    Every log line of the task carries `ids`. Raises TaskFailed for an exception whose message may quote values.
    """
    log.quiet_libraries()
    started = time.monotonic()
    with log.occasion(**ids):
        try:
            result = run()
        except Exception as error:
            log.unexpected(error, task=name)
            if isinstance(error, (SafeMessage, Refusal)):
                raise
            raise TaskFailed(describe(error)) from None
        log.event(f"{name}.done", duration_ms=(time.monotonic() - started) * 1000)
        return result
