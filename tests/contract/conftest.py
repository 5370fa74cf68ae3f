"""Servers for the contract tests, each on a free port and always stopped."""

from collections.abc import Iterator

import pytest

from contract.simulator_client import SimulatorClient
from contract.webhook_receiver import Receiver, running_receiver
from replicate_simulator.server import RunningSimulator, running_simulator


@pytest.fixture(scope="session")
def shared_simulator() -> Iterator[RunningSimulator]:
    """A Replicate simulator with fast models and small pages, which retries webhooks within a second."""
    with running_simulator(
        seconds_per_prediction=0.1, page_size=3, webhook_retry_seconds=0.5, minimum_cancel_after_seconds=1
    ) as running:
        yield running


@pytest.fixture
def simulator(shared_simulator: RunningSimulator) -> Iterator[RunningSimulator]:
    """The shared simulator, emptied; only the media files that it has made are kept."""
    shared_simulator.simulator.reset()
    yield shared_simulator
    shared_simulator.simulator.reset()


@pytest.fixture
def client(simulator: RunningSimulator) -> Iterator[SimulatorClient]:
    calls = SimulatorClient(simulator)
    yield calls
    calls.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running_receiver() as running:
        yield running
