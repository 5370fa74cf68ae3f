"""One user's slow look-ups of callback hosts hold few of the function's executions, in all containers together."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from threading import Event, Lock

import pytest

from integration.flows.world import World
from integration.waiting import eventually
from mediagen.outbound import callback_urls
from mediagen.outbound.callback_urls import SLOW_LOOKUPS
from mediagen.settings import read_settings
from mediagen.wiring.accept import AcceptingSettings, accepting_ports

URL = "https://hooks.example.com/"
REQUESTS = 10


def test_of_ten_requests_with_slow_hosts_four_wait(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callback_urls, "RESOLVE_SECONDS", 60.0)  # the test ends it
    released, lock, answered = Event(), Lock(), list[int]()

    def slow(_host: str) -> list[str]:
        released.wait()
        return ["93.184.215.14"]

    def check(number: int) -> None:
        settings = world.container_settings(read_settings(AcceptingSettings), number)
        replace(accepting_ports(settings).callback_urls, resolve=slow).check(URL, world.user_id)
        with lock:
            answered.append(number)

    with ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(REQUESTS))
        stack.callback(released.set)
        checks = [pool.submit(check, number) for number in range(REQUESTS)]
        eventually(lambda: len(answered) == REQUESTS - SLOW_LOOKUPS, "the requests without a place are answered")
        assert sorted(world.redis.keys("ratelimit:user:*")) == [
            f"ratelimit:user:{world.user_id}:lookup:{number}" for number in range(SLOW_LOOKUPS)
        ]
        released.set()
        for each in checks:
            each.result()
