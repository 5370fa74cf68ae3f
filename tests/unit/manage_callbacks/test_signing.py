"""The signing secrets are shown to their owner only, and rotated within limits."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from manage_callbacks.deliveries import Ports
from manage_callbacks.flow import manage_callbacks
from manage_callbacks.signing import MOST_VALID
from mediagen.errors.refusals import TooManySecrets, Unauthorized
from mediagen.http.edge import Request, Response
from mediagen.records.callback_secrets import OVERLAP, CallbackSecrets, Secret
from unit.samples import NOW, USER_ID

GET, POST = "GET /callback-secret", "POST /callback-secret/rotate"


@dataclass
class Secrets(CallbackSecrets):
    """Secrets, under the rules of the database."""

    kept: list[Secret] = field(default_factory=list)

    def valid(self, user_id: str, *, now: datetime) -> list[Secret]:
        """List the valid secrets; the first call creates one."""
        assert user_id == USER_ID
        self.kept = self.kept or [Secret(bytes(32), now, None)]
        return [each for each in self.kept if each.ends_at is None or each.ends_at > now]

    def rotate(self, user_id: str, *, now: datetime) -> None:
        [current, *others] = self.valid(user_id, now=now)
        old = Secret(current.key, current.created_at, now + OVERLAP)
        self.kept = [Secret(bytes([len(self.kept)] * 32), now, None), old, *others]


def ask(route: str, secrets: Secrets, now: datetime = NOW, user_id: str = USER_ID) -> Response:
    request = Request({}, {}, {}, b"", user_id, "r")
    return manage_callbacks(route, request, now=now, deliveries=Ports(None, None, None), secrets=secrets)  # type: ignore[arg-type]


def test_the_first_look_makes_a_secret_and_the_second_shows_the_same() -> None:
    secrets = Secrets()
    first = ask(GET, secrets)
    assert (first.status, first.body) == (
        200,
        {
            "secrets": [
                {
                    "secret": "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                    "createdAt": "2026-11-22T17:00:00.123Z",
                    "endsAt": None,
                }
            ]
        },
    )
    assert ask(GET, secrets).body == first.body


def test_a_rotation_shows_the_new_secret_first_and_when_the_old_one_ends() -> None:
    secrets = Secrets()
    old = ask(GET, secrets).body["secrets"]
    new = ask(POST, secrets).body["secrets"]
    assert isinstance(old, list) and isinstance(new, list)
    assert [each["endsAt"] for each in new] == [None, "2026-11-23T17:00:00.123Z"]
    assert new[1]["secret"] == old[0]["secret"] != new[0]["secret"]


def test_a_sixth_valid_secret_is_refused_until_one_has_ended() -> None:
    secrets = Secrets()
    for minute in range(MOST_VALID - 1):
        ask(POST, secrets, NOW + timedelta(minutes=minute))
    with pytest.raises(TooManySecrets) as caught:
        ask(POST, secrets, NOW + timedelta(hours=1))
    assert caught.value.extra == {"nextEndsAt": "2026-11-23T17:00:00.123Z"}
    assert ask(POST, secrets, NOW + OVERLAP).status == 200


@pytest.mark.parametrize("route", [GET, POST])
def test_without_a_user_there_are_no_secrets(route: str) -> None:
    with pytest.raises(Unauthorized):
        ask(route, Secrets(), user_id="")
