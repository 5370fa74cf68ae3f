"""Many containers start at once while Parameter Store answers 40 calls a second."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random

import pytest

from integration.aws.parameter_store import CALLS_PER_SECOND, ParameterStore
from integration.aws.scripted import answering
from integration.aws.virtual_time import VirtualTime
from mediagen.aws.credentials import Credentials
from mediagen.aws.errors import AwsError
from mediagen.aws.limits import AUTHORIZING, STARTING, Limits
from mediagen.aws.secrets import Secrets
from mediagen.aws.settings import Aws

NAME, URL = "/vsl-test/redis-url", "rediss://:password@cache.test:6379/0"
CALL_SECONDS = 0.01  # duration of one call


@dataclass
class Burst:
    """Containers, their shared account, and each container's result: seconds and URL."""

    time: VirtualTime
    store: ParameterStore
    endpoint: str
    answers: list[tuple[float, str]] = field(default_factory=list)
    jitter: Callable[[], float] = Random(1).random

    def start(self, containers: int, limits: Limits) -> None:
        """Start this many containers at once; each reads one parameter."""
        self.time.run([lambda: self._container(limits)] * containers)

    def _container(self, limits: Limits) -> None:
        aws = Aws(
            "eu-west-1",
            lambda: Credentials("test", "test"),
            {"AWS_ENDPOINT_URL_SSM": self.endpoint},
            monotonic=self.time,
            jitter=self.jitter,
            sleep=lambda seconds: self.time.sleep(seconds + CALL_SECONDS),
        )
        try:
            read = Secrets(aws).parameter(NAME, limits)
        except AwsError as error:
            read = error.code
        self.answers.append((self.time.seconds, read))


@pytest.fixture
def burst() -> Iterator[Burst]:
    time = VirtualTime()
    store = ParameterStore(parameters={NAME: URL}, clock=time)
    with answering(store) as endpoint:
        yield Burst(time, store, endpoint)


def test_of_200_containers_that_start_at_once_all_read_their_url_within_their_deadline(burst: Burst) -> None:
    burst.start(200, STARTING)
    assert [read for _, read in burst.answers] == [URL] * 200
    slowest = max(seconds for seconds, _ in burst.answers)
    assert slowest < STARTING.deadline_seconds
    assert slowest >= 200 / CALLS_PER_SECOND - 1  # the account did throttle
    assert len(burst.store.bodies) < 200 * 10


def test_60_containers_of_authorize_read_theirs_within_its_shorter_deadline(burst: Burst) -> None:
    burst.start(60, AUTHORIZING)
    assert [read for _, read in burst.answers] == [URL] * 60
    assert max(seconds for seconds, _ in burst.answers) < AUTHORIZING.deadline_seconds


@pytest.mark.parametrize("limits", [STARTING, AUTHORIZING])
def test_a_container_without_an_answer_fails_before_its_deadline(burst: Burst, limits: Limits) -> None:
    burst.store.calls_per_second = burst.store._left = 0
    burst.start(1, limits)
    [(seconds, read)] = burst.answers
    assert read == "ThrottlingException"
    assert seconds < limits.deadline_seconds
