"""The simulator's limit of create calls: a call over it gets 429 with the seconds to wait, and creates nothing."""

import pytest

from contract.simulator_client import IMAGE, SimulatorClient
from replicate_simulator.rate_limit import RateLimit
from replicate_simulator.server import running_simulator
from replicate_simulator.settings import Settings


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def passed(limit: RateLimit, calls: int) -> int:
    return [limit.refusal() for _ in range(calls)].count(None)


def test_a_burst_of_a_tenth_of_the_rate_is_accepted_and_then_the_steady_rate() -> None:
    clock = Clock()
    limit = RateLimit(600, clock)
    assert passed(limit, 100) == 60
    clock.now += 1
    assert passed(limit, 100) == 10
    clock.now += 3600
    assert passed(limit, 100) == 60
    assert (limit.asked, limit.throttled) == (300, 170)


def test_with_little_credit_one_call_in_ten_seconds_is_accepted() -> None:
    clock = Clock()
    limit = RateLimit(6, clock)
    refusals = [limit.refusal() for _ in range(2)]
    assert refusals[0] is None
    assert refusals[1] and b'"retry_after":10' in refusals[1].body
    clock.now += 10
    assert passed(limit, 2) == 1


def test_over_http_the_refusal_is_replicates_429(client: SimulatorClient) -> None:
    simulator = client.simulator.simulator
    simulator.rate_limit = RateLimit(6)
    asked = {"input": {"prompt": "a boat"}}
    answers = [client.call("POST", f"/v1/models/{IMAGE}/predictions", asked) for _ in range(2)]
    assert [answer.status for answer in answers] == [201, 429]
    assert answers[1].json()["retry_after"] == 10
    simulator.reset()
    assert client.create()["status"] == "starting"


def test_a_limit_below_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="creates per minute"):
        Settings(creates_per_minute=-1)
    with running_simulator() as running:
        assert running.simulator.rate_limit.refusal() is None
