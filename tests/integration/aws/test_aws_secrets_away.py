"""Secrets Manager or Parameter Store is throttled or down: cached values are served for a while."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from integration.aws.scripted import BROKEN, CUT, Answer, Script, answering
from mediagen.aws.credentials import Credentials
from mediagen.aws.errors import AwsError
from mediagen.aws.secrets import AGAIN_SECONDS, KEPT_SECONDS, OUTLIVES_SECONDS, Secrets
from mediagen.aws.settings import Aws
from mediagen.times import utc_now

THROTTLED: Answer = (400, {"__type": "ThrottlingException", "message": "Rate exceeded"})
GONE: Answer = (400, {"__type": "ResourceNotFoundException"})
DENIED: Answer = (400, {"__type": "AccessDeniedException"})


def value(text: str) -> Answer:
    """Return a value as both services do."""
    return 200, {"SecretString": text, "Parameter": {"Value": text}}


@dataclass
class Desk:
    """One process's secrets, the service they come from, and an adjustable clock."""

    script: Script
    secrets: Secrets
    ahead: list[int]

    def later(self, seconds: int, *answers: Answer) -> None:
        """Advance the clock; from then on the service returns these answers."""
        self.ahead.append(seconds)
        self.script.answers = list(answers)

    @property
    def asked(self) -> int:
        return len(self.script.bodies)


@pytest.fixture
def desk() -> Iterator[Desk]:
    ahead: list[int] = []

    def now() -> datetime:
        return utc_now() + timedelta(seconds=sum(ahead))

    script = Script([value("first")])
    with answering(script) as url:
        aws = Aws("eu-west-1", lambda: Credentials("test", "test"), {"AWS_ENDPOINT_URL": url}, now=now)
        yield Desk(script, Secrets(replace(aws, sleep=lambda _: None)), ahead)


READS: dict[str, Callable[[Secrets], str]] = {
    "secrets": lambda secrets: secrets.secret("s"),
    "parameters": lambda secrets: secrets.parameter("p"),
}


@pytest.fixture(params=READS.values(), ids=list(READS))
def read(request: pytest.FixtureRequest, desk: Desk) -> Callable[[], str]:
    return lambda: str(request.param(desk.secrets))


def degraded(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize("away", [THROTTLED, BROKEN, CUT], ids=["throttled", "broken", "cut"])
def test_a_known_value_is_used_on_and_that_is_counted(
    desk: Desk, read: Callable[[], str], away: Answer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert read() == "first"
    desk.later(KEPT_SECONDS, away)
    assert read() == "first"
    [line] = degraded(capsys)
    assert (line["action"], line["Degraded"]) == ("degraded", 1)
    assert line["metadata"]["part"] == "secrets"
    assert "first" not in json.dumps(line)


def test_the_service_gets_one_attempt_after_each_pause(desk: Desk, read: Callable[[], str]) -> None:
    read()
    desk.later(KEPT_SECONDS, THROTTLED)
    asked = []
    for seconds in (0, AGAIN_SECONDS - 5, 5, AGAIN_SECONDS):
        desk.later(seconds, THROTTLED)
        read()
        asked.append(desk.asked)
    assert asked == [2, 2, 3, 4]


def test_a_rotated_value_is_used_once_the_service_recovers(desk: Desk, read: Callable[[], str]) -> None:
    read()
    desk.later(KEPT_SECONDS, THROTTLED)
    assert read() == "first"
    desk.later(AGAIN_SECONDS, value("second"))
    assert read() == "second"
    desk.later(KEPT_SECONDS - 5, value("third"))
    assert read() == "second"
    desk.later(5, value("third"))
    assert read() == "third"


@pytest.mark.parametrize("verdict", [GONE, DENIED], ids=["gone", "denied"])
def test_a_deleted_or_denied_value_is_never_served_again(desk: Desk, read: Callable[[], str], verdict: Answer) -> None:
    read()
    desk.later(KEPT_SECONDS, verdict)
    for answer in (verdict, THROTTLED):
        desk.script.answers = [answer]
        with pytest.raises(AwsError):
            read()


def test_nothing_is_used_for_longer_than_an_hour_unread(desk: Desk, read: Callable[[], str]) -> None:
    read()
    desk.later(OUTLIVES_SECONDS - 5, THROTTLED)
    assert read() == "first"
    desk.later(AGAIN_SECONDS, THROTTLED)
    with pytest.raises(AwsError):
        read()


@pytest.mark.parametrize("failure", [BROKEN, CUT], ids=["broken", "cut"])
def test_a_first_read_fails_after_three_attempts(desk: Desk, read: Callable[[], str], failure: Answer) -> None:
    desk.later(0, failure)
    with pytest.raises(AwsError):
        read()
    assert desk.asked == 3


def test_a_first_read_of_a_throttled_secret_fails_after_three_attempts(desk: Desk) -> None:
    desk.later(0, THROTTLED)
    with pytest.raises(AwsError) as caught:
        desk.secrets.secret("s")
    assert (caught.value.is_throttled, desk.asked) == (True, 3)


def test_a_first_read_of_a_parameter_outlasts_throttling(desk: Desk) -> None:
    desk.later(0, *[THROTTLED] * 9, value("first"))
    assert (desk.secrets.parameter("p"), desk.asked) == ("first", 10)
