"""No permission is superfluous: each is removed in turn, and its function fails in a known way."""

from collections.abc import Iterator
from contextlib import suppress

import pytest

from e2e.losses import LOSSES
from e2e.parts import Platform, until
from e2e.roles import Log, Permission, Roles, renew
from e2e.signs import NOT_ENFORCED, Sign
from e2e.triggers import Stage, Trigger, set_up
from local_cloud.cloud import LocalCloud
from local_cloud.state import Environment

SHOWS_WITHIN_SECONDS = 10.0
TRIES = 3
# Cached values last for minutes, so those need a fresh container. The permissions below are used on each call.
ASKED_EACH_TIME = ("dynamodb:", "s3:", "sqs:")

TABLE = {Permission(function, *key): loss for function, losses in LOSSES.items() for key, loss in losses.items()}
TRIGGERS = list(dict.fromkeys(trigger for trigger, _ in TABLE.values()))


@pytest.fixture(scope="module")
def stage(cloud: LocalCloud, environment: Environment) -> Iterator[Stage]:
    platform = Platform(cloud, environment)
    yield set_up(platform)
    platform.clear_faults()


@pytest.fixture(scope="module")
def roles(stage: Stage) -> Roles:
    return Roles(stage.platform)


@pytest.fixture(autouse=True)
def nothing_is_left(stage: Stage) -> Iterator[None]:
    stage.platform.end_pause()
    yield
    stage.clear()
    stage.platform.end_pause()


def test_every_permission_is_in_the_table_or_not_enforced_by_the_emulator(roles: Roles) -> None:
    assert roles.attached == []
    assert {permission for permission in roles.held if permission.action not in NOT_ENFORCED} == TABLE.keys()
    assert NOT_ENFORCED.keys() <= {permission.action for permission in roles.held}


@pytest.mark.parametrize("trigger", TRIGGERS, ids=lambda trigger: str(trigger.__name__))
def test_permissions_that_the_emulator_does_not_enforce_show_no_loss(
    roles: Roles, stage: Stage, trigger: Trigger
) -> None:
    signs = {permission: sign for permission, (by, sign) in TABLE.items() if by == trigger}
    logs = {function: Log(stage.platform, function) for function in LOSSES}
    with roles.without(*(permission for permission in roles.held if permission.action in NOT_ENFORCED)):
        status = trigger(stage)
        for function in {permission.function for permission in signs}:
            until(logs[function].text, f"{function} writes its log", SHOWS_WITHIN_SECONDS)
        for queue in {sign.queue for sign in signs.values() if sign.queue}:
            until(lambda: stage.platform.messages(queue) == 0, f"{queue} is empty")  # noqa: B023
    assert status not in {sign.status for sign in signs.values() if sign.status}
    assert not [lost for lost, sign in signs.items() if sign.is_in(logs[lost.function].lines(), lost)]
    assert not [function for function, log in logs.items() if "AccessDenied" in log.text()]


@pytest.mark.parametrize("permission", TABLE, ids=str)
def test_a_function_fails_without_one_of_its_permissions(roles: Roles, stage: Stage, permission: Permission) -> None:
    trigger, sign = TABLE[permission]
    with roles.without(permission):
        if not permission.action.startswith(ASKED_EACH_TIME):
            renew(stage.platform, permission.function)
        assert shows(sign, permission, trigger, stage)


def shows(sign: Sign, permission: Permission, trigger: Trigger, stage: Stage) -> bool:
    """Trigger a function until the loss shows; on a busy machine the emulator logs a line with the next call only."""
    log = Log(stage.platform, permission.function)
    for _ in range(TRIES):
        stage.platform.end_pause()
        status = trigger(stage)
        assert sign.status in (None, status)
        with suppress(AssertionError):
            until(lambda: not sign.action or sign.is_in(log.lines(), permission), "the loss", SHOWS_WITHIN_SECONDS)
            return not sign.queue or stage.platform.messages(sign.queue) > 0
    print(log.text())
    return False
