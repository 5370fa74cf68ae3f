"""No permission is superfluous: one is taken away at a time, and the function that had it fails in a known way."""

from collections.abc import Iterator
from contextlib import suppress

import pytest

from e2e import callback_triggers as callbacks
from e2e.parts import Platform, until
from e2e.roles import ERASING, Log, Permission, Roles, renew
from e2e.signs import AWAY, DENIED, NO_TOKEN, NOT_ENFORCED, POSTPONED, REFUSED, Sign, fails, without
from e2e.triggers import (
    Stage,
    Trigger,
    a_bad_message,
    a_batch,
    a_cancel_of_a_running_job,
    a_cancel_of_a_waiting_job,
    a_deletion,
    a_deletion_cut_short,
    a_large_result,
    a_link,
    a_new_client,
    a_result,
    a_status_only_postgresql_knows,
    a_throttled_request,
    a_throttled_retry,
    a_webhook,
    deployed,
    set_up,
    the_batch,
    the_jobs,
    the_models,
    the_schedule,
    the_usage,
)
from local_cloud.cloud import LocalCloud
from local_cloud.state import Environment

SHOWS_WITHIN_SECONDS = 10.0
TRIES = 3
# What is read or opened once is kept for minutes: only a fresh container asks for it. These are asked for each time.
ASKED_EACH_TIME = ("dynamodb:", "s3:", "sqs:")

A_MODEL = deployed("manage_access", action="put-model", mediaType="image", modelId="none", configuration=None)

# What is taken away from a function: what makes the function need it, and how the loss shows.
LOSSES: dict[str, dict[tuple[str, ...], tuple[Trigger, Sign]]] = {
    "authorize": {
        ("ReadDatabaseUrl", "ssm:GetParameter"): (a_new_client, fails(AWAY, status=500)),
        ("ReadRedisUrl", "ssm:GetParameter"): (a_new_client, without("cache")),
    },
    "generate_media": {
        ("ReadDatabaseUrl", "ssm:GetParameter"): (a_throttled_request, REFUSED),
        ("ReadRedisUrl", "ssm:GetParameter"): (a_throttled_request, without("cache")),
        ("ReadReplicateApiToken", "secretsmanager:GetSecretValue"): (a_throttled_request, POSTPONED),
        ("SendToSubmissions", "sqs:SendMessage"): (a_throttled_request, without("submissions")),
        ("SendToCallbacks", "sqs:SendMessage"): (callbacks.a_refused_request, without("callbacks")),
        ("WriteLiveJob", "dynamodb:PutItem"): (a_throttled_request, without("job_table")),
    },
    "generate_batch": {
        ("ReadDatabaseUrl", "ssm:GetParameter"): (a_batch, REFUSED),
        ("ReadRedisUrl", "ssm:GetParameter"): (a_batch, without("cache")),
        ("SendToSubmissions", "sqs:SendMessage"): (a_batch, without("submissions")),
    },
    "submit_job": {
        ("ReadDatabaseUrl", "ssm:GetParameter"): (a_throttled_request, fails(AWAY, queue="submissions")),
        ("ReadRedisUrl", "ssm:GetParameter"): (a_throttled_request, without("cache")),
        ("ReadReplicateApiToken", "secretsmanager:GetSecretValue"): (a_throttled_request, POSTPONED),
        ("SendToSubmissions", "sqs:SendMessage"): (a_throttled_request, without("submissions")),
        ("SendToCallbacks", "sqs:SendMessage"): (callbacks.a_late_job, without("callbacks")),
        ("WriteLiveJob", "dynamodb:PutItem"): (a_throttled_request, without("job_table")),
        ("WorkThroughSubmissions", "sqs:ChangeMessageVisibility"): (
            a_bad_message("submissions"),
            without("queue.visibility"),
        ),
    },
    "receive_webhook": {
        ("ReadReplicateWebhookSecret", "secretsmanager:GetSecretValue"): (a_webhook, fails(status=500)),
        ("SendToWebhooks", "sqs:SendMessage"): (a_webhook, fails(status=500)),
    },
    "process_webhook": {
        ("ReadDatabaseUrl", "ssm:GetParameter"): (a_result("image"), fails(AWAY, queue="webhooks")),
        ("ReadRedisUrl", "ssm:GetParameter"): (a_result("image"), without("cache")),
        ("ReadReplicateApiToken", "secretsmanager:GetSecretValue"): (
            a_large_result,
            fails(NO_TOKEN, queue="webhooks"),
        ),
        ("StoreMedia", "s3:PutObject", "images/*"): (a_result("image"), fails(queue="webhooks")),
        ("StoreMedia", "s3:PutObject", "videos/*"): (a_result("video"), fails(queue="webhooks")),
        ("StoreMedia", "s3:PutObject", "audio/*"): (a_result("audio"), fails(queue="webhooks")),
        ("SendToCallbacks", "sqs:SendMessage"): (callbacks.a_result_to_tell, without("callbacks")),
        ("WriteLiveJob", "dynamodb:PutItem"): (a_result("image"), without("job_table")),
        ("WorkThroughWebhooks", "sqs:ChangeMessageVisibility"): (
            a_bad_message("webhooks"),
            without("queue.visibility"),
        ),
    },
    "deliver_callback": {
        ("ReadDatabaseUrl", "ssm:GetParameter"): (callbacks.a_callback_nobody_takes, fails(AWAY, queue="callbacks")),
        ("SendToCallbacks", "sqs:SendMessage"): (callbacks.a_callback_nobody_takes, without("callbacks")),
        ("SignLinksToMedia", "s3:GetObject", "images/*"): (callbacks.a_link_that_was_told("image"), Sign(status=403)),
        ("SignLinksToMedia", "s3:GetObject", "videos/*"): (callbacks.a_link_that_was_told("video"), Sign(status=403)),
        ("SignLinksToMedia", "s3:GetObject", "audio/*"): (callbacks.a_link_that_was_told("audio"), Sign(status=403)),
        ("WorkThroughCallbacks", "sqs:ChangeMessageVisibility"): (
            a_bad_message("callbacks"),
            without("queue.visibility"),
        ),
    },
    "get_status": {
        ("ReadRedisUrl", "ssm:GetParameter"): (a_status_only_postgresql_knows, without("cache")),
        ("ReadLiveJob", "dynamodb:GetItem"): (a_status_only_postgresql_knows, without("job_table")),
        ("WriteLiveJob", "dynamodb:PutItem"): (a_status_only_postgresql_knows, without("job_table")),
        ("ReadDatabaseUrl", "ssm:GetParameter"): (a_status_only_postgresql_knows, REFUSED),
        ("SignLinksToMedia", "s3:GetObject", "images/*"): (a_link("image"), Sign(status=403)),
        ("SignLinksToMedia", "s3:GetObject", "videos/*"): (a_link("video"), Sign(status=403)),
        ("SignLinksToMedia", "s3:GetObject", "audio/*"): (a_link("audio"), Sign(status=403)),
    },
    "get_batch": {
        ("ReadDatabaseUrl", "ssm:GetParameter"): (the_batch, REFUSED),
    },
    "list_jobs": {
        ("ReadDatabaseUrl", "ssm:GetParameter"): (the_jobs, REFUSED),
    },
    "list_models": {
        ("ReadRedisUrl", "ssm:GetParameter"): (the_models, without("cache")),
        ("ReadDatabaseUrl", "ssm:GetParameter"): (the_models, without("model_configurations", AWAY)),
    },
    "cancel_job": {
        ("ReadDatabaseUrl", "ssm:GetParameter"): (a_cancel_of_a_waiting_job, REFUSED),
        ("ReadRedisUrl", "ssm:GetParameter"): (a_cancel_of_a_waiting_job, without("cache")),
        ("ReadReplicateApiToken", "secretsmanager:GetSecretValue"): (
            a_cancel_of_a_running_job,
            Sign("request.refused", NO_TOKEN, status=503),
        ),
        ("SendToSubmissions", "sqs:SendMessage"): (
            a_cancel_of_a_waiting_job,
            Sign("degraded", DENIED, "submissions", status=503),
        ),
        ("SendToCallbacks", "sqs:SendMessage"): (callbacks.a_cancel_to_tell, without("callbacks")),
        ("WriteLiveJob", "dynamodb:PutItem"): (a_cancel_of_a_waiting_job, without("job_table")),
    },
    "delete_job": {
        ("ReadDatabaseUrl", "ssm:GetParameter"): (a_deletion, REFUSED),
        ("ReadRedisUrl", "ssm:GetParameter"): (a_deletion, without("cache")),
        ("WriteLiveJob", "dynamodb:PutItem"): (a_deletion, Sign("degraded", DENIED, "job_table", status=503)),
        **dict.fromkeys(ERASING, (a_deletion, Sign("degraded", DENIED, "media", status=503))),
    },
    "get_usage": {
        ("ReadDatabaseUrl", "ssm:GetParameter"): (the_usage, REFUSED),
    },
    "manage_callbacks": {
        ("ReadDatabaseUrl", "ssm:GetParameter"): (callbacks.the_secrets, REFUSED),
        ("SendToCallbacks", "sqs:SendMessage"): (callbacks.a_delivery_on_demand, without("callbacks")),
    },
    "check_replicate_status": {
        **dict.fromkeys(ERASING, (a_deletion_cut_short, without("media"))),
        ("ReadDatabaseUrl", "ssm:GetParameter"): (the_schedule, fails(AWAY, status=500)),
        ("ReadRedisUrl", "ssm:GetParameter"): (the_schedule, without("cache")),
        ("ReadReplicateApiToken", "secretsmanager:GetSecretValue"): (the_schedule, without("replicate", NO_TOKEN)),
        ("SendToSubmissions", "sqs:SendMessage"): (the_schedule, without("overdue_job")),
        ("SendToWebhooks", "sqs:SendMessage"): (the_schedule, without("overdue_job")),
        ("SendToCallbacks", "sqs:SendMessage"): (the_schedule, without("callbacks")),
        ("CompareLiveJobs", "dynamodb:BatchGetItem"): (the_schedule, without("job_table")),
        ("WriteLiveJob", "dynamodb:PutItem"): (the_schedule, without("job_table")),
    },
    "apply_migrations": {
        ("ReadOwnerDatabaseUrl", "ssm:GetParameter"): (deployed("apply_migrations"), fails(status=500)),
    },
    "manage_access": {
        ("ReadDatabaseUrl", "ssm:GetParameter"): (A_MODEL, fails(AWAY, status=500)),
        ("ReadRedisUrl", "ssm:GetParameter"): (A_MODEL, without("cache")),
    },
}

LOSSES["retry_job"] = {held: (a_throttled_retry, sign) for held, (_, sign) in LOSSES["generate_media"].items()}
LOSSES["retry_job"]["SendToCallbacks", "sqs:SendMessage"] = (callbacks.a_refused_retry, without("callbacks"))

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
    yield
    stage.clear()


def test_every_permission_is_in_the_table_or_not_enforced_by_the_emulator(roles: Roles) -> None:
    assert roles.attached == []
    assert {permission for permission in roles.held if permission.action not in NOT_ENFORCED} == TABLE.keys()
    assert NOT_ENFORCED.keys() <= {permission.action for permission in roles.held}


@pytest.mark.parametrize("trigger", TRIGGERS, ids=lambda trigger: str(trigger.__name__))
def test_no_loss_shows_without_what_the_emulator_does_not_enforce(roles: Roles, stage: Stage, trigger: Trigger) -> None:
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
    """Let a function act until the loss shows; on a busy machine the emulator logs a line with the next call only."""
    log = Log(stage.platform, permission.function)
    for _ in range(TRIES):
        status = trigger(stage)
        assert sign.status in (None, status)
        with suppress(AssertionError):
            until(lambda: not sign.action or sign.is_in(log.lines(), permission), "the loss", SHOWS_WITHIN_SECONDS)
            return not sign.queue or stage.platform.messages(sign.queue) > 0
    print(log.text())
    return False
