"""Threads on a simulated clock, which advances only while all of them sleep: a busy machine changes nothing."""

import heapq
from collections.abc import Callable
from threading import Event, Thread


class VirtualTime:
    """Runs one thread at a time, always the one with the earliest wake-up time."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._sleepers: list[tuple[float, int, Event]] = []
        self._slept = 0
        self._yielded = Event()

    def __call__(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        """Let the other threads run until this much simulated time has passed."""
        woken = self._sleeper(seconds)
        self._yielded.set()
        woken.wait()

    def run(self, acts: list[Callable[[], None]]) -> None:
        """Start all threads at the same moment and return when the last one has finished."""
        for act in acts:
            Thread(target=self._thread, args=(act, self._sleeper(0)), daemon=True).start()
        while self._sleepers:
            self.seconds, _, woken = heapq.heappop(self._sleepers)
            self._yielded.clear()
            woken.set()
            self._yielded.wait()

    def _sleeper(self, seconds: float) -> Event:
        woken = Event()
        self._slept += 1
        heapq.heappush(self._sleepers, (self.seconds + seconds, self._slept, woken))
        return woken

    def _thread(self, act: Callable[[], None], woken: Event) -> None:
        woken.wait()
        try:
            act()
        finally:
            self._yielded.set()
