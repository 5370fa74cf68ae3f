"""Main program of a cold container: imports a handler from its unpacked zip and answers one event.

Arguments: the function's name, its memory in MB, its folder and the layer's. INIT runs unthrottled, as on Lambda.
The handler has memory/1769 of a processor, so its clock is the CPU time of this process divided by that share. Time
that a busy machine takes from the process does not count. Waiting on sockets is not limited, because it takes no CPU.
"""

import importlib
import json
import socket
import sys
import time
from typing import Any

MB_OF_ONE_PROCESSOR = 1769  # https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
PATIENT_SECONDS = 60.0


def main(name: str, memory_mb: str, task: str, layer: str) -> None:
    """Answer the event on standard input; write the measurements and the answer as the last line."""
    sys.path[:0] = [task, layer]
    handler = importlib.import_module(f"{name}.handler").lambda_handler
    init_seconds, share = time.process_time(), int(memory_mb) / MB_OF_ONE_PROCESSOR
    throttle(share)
    event = json.load(sys.stdin)
    started = time.process_time()
    answer = handler(event, Context())
    seconds = (time.process_time() - started) / share
    print(json.dumps({"init_seconds": init_seconds, "seconds": seconds, "answer": answer}))


def throttle(share: float) -> None:
    """Use the throttled clock for our code's deadlines, and disable the system's time-outs."""
    time.monotonic = lambda: time.process_time() / share
    wait = socket.socket.settimeout

    def patient(self: Any, seconds: float | None) -> None:
        wait(self, max(seconds, PATIENT_SECONDS) if seconds else seconds)

    socket.socket.settimeout = patient  # type: ignore[method-assign]


class Context:
    """The members of Lambda's context that the functions read."""

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


if __name__ == "__main__":
    arguments: list[Any] = sys.argv[1:]
    main(*arguments)
