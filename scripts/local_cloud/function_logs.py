"""Follow the logs of all functions."""

import time
from collections.abc import Iterator, Mapping
from operator import itemgetter
from typing import Any

type Event = tuple[int, str, str]

LOOK_SECONDS = 1.0
# Events may arrive late, so each poll starts this long before the newest event seen.
OVERLAP_MS = 10_000


def follow(client: Any, groups: Mapping[str, str], *, once: bool = False) -> Iterator[str]:
    """Yield each line as `function: line`, ordered by time, endlessly unless `once`."""
    seen: set[Event] = set()
    newest_ms = 0
    while True:
        since_ms = newest_ms - OVERLAP_MS
        found = [event for name in groups for event in _events(client, name, groups[name], since_ms)]
        fresh = sorted((event for event in found if event not in seen), key=itemgetter(0))
        yield from (f"{name}: {message}" for _, name, message in fresh)
        seen.update(fresh)
        newest_ms = max([newest_ms, *(moment_ms for moment_ms, _, _ in fresh)])
        if once:
            return
        time.sleep(LOOK_SECONDS)


def _events(client: Any, name: str, group: str, since_ms: int) -> Iterator[Event]:
    pages = client.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=max(since_ms, 0))
    for page in pages:
        # The emulator gives no eventId: time, function and text tell events apart.
        yield from ((event["timestamp"], name, event["message"].rstrip()) for event in page["events"])
