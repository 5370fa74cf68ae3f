"""Each permission that is removed: the trigger that makes the function need it, and the sign of the loss."""

from e2e import callback_triggers as callbacks
from e2e.description_triggers import a_described_result, a_restored_job
from e2e.roles import ERASING
from e2e.signs import AWAY, DENIED, NO_TOKEN, POSTPONED, REFUSED, Sign, fails, without
from e2e.triggers import (
    Trigger,
    a_bad_message,
    a_batch,
    a_cancel_of_a_job_in_doubt,
    a_cancel_of_a_running_job,
    a_cancel_of_a_waiting_job,
    a_deep_check,
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
    the_batch,
    the_jobs,
    the_models,
    the_schedule,
    the_usage,
)

A_MODEL = deployed("manage_access", action="put-model", mediaType="image", modelId="none", configuration=None)
FOLDERS = {"image": "images", "video": "videos", "audio": "audio"}

# By function, then by statement; the actions of each permission.
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
        ("ConsumeSubmissions", "sqs:ChangeMessageVisibility"): (
            a_bad_message("submissions"),
            without("queue.visibility"),
        ),
    },
    "receive_webhook": {
        ("ReadReplicateWebhookSecrets", "secretsmanager:GetSecretValue"): (
            a_webhook,
            Sign("degraded", DENIED, "secrets", status=503),
        ),
        ("SendToWebhooks", "sqs:SendMessage"): (a_webhook, Sign("degraded", DENIED, "webhooks", status=503)),
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
        **{
            ("ReadMediaMetadata", "s3:GetObject", f"{folder}/*/metadata.json"): (
                a_described_result(kind),
                fails(queue="webhooks"),
            )
            for kind, folder in FOLDERS.items()
        },
        ("SendToCallbacks", "sqs:SendMessage"): (callbacks.a_result_to_tell, without("callbacks")),
        ("WriteLiveJob", "dynamodb:PutItem"): (a_result("image"), without("job_table")),
        ("ConsumeWebhooks", "sqs:ChangeMessageVisibility"): (
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
        ("ConsumeCallbacks", "sqs:ChangeMessageVisibility"): (
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
            a_cancel_of_a_job_in_doubt,
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
    "show_api": {},
    "check_health": {
        ("ReadDatabaseUrl", "ssm:GetParameter"): (a_deep_check, REFUSED),
        ("ReadRedisUrl", "ssm:GetParameter"): (a_deep_check, without("cache")),
        ("ReadReplicateApiToken", "secretsmanager:GetSecretValue"): (a_deep_check, without("health", NO_TOKEN)),
        ("ReadLiveJob", "dynamodb:GetItem"): (a_deep_check, without("health")),
        ("ProbeMediaBucket", "s3:ListBucket"): (a_deep_check, without("health")),
    },
    "check_replicate_status": {
        **dict.fromkeys(ERASING, (a_deletion_cut_short, without("media"))),
        ("ReadDatabaseUrl", "ssm:GetParameter"): (the_schedule, fails(AWAY, status=500)),
        ("ReadRedisUrl", "ssm:GetParameter"): (the_schedule, without("cache")),
        ("ReadReplicateApiToken", "secretsmanager:GetSecretValue"): (the_schedule, without("replicate", NO_TOKEN)),
        ("SendToSubmissions", "sqs:SendMessage"): (the_schedule, without("waiting_jobs")),
        ("SendToWebhooks", "sqs:SendMessage"): (the_schedule, without("overdue_job")),
        ("SendToCallbacks", "sqs:SendMessage"): (the_schedule, without("callbacks")),
        **{
            ("ReadMediaMetadata", "s3:GetObject", f"{folder}/*/metadata.json"): (
                a_restored_job(kind),
                without("media"),
            )
            for kind, folder in FOLDERS.items()
        },
        ("ReadManyLiveJobs", "dynamodb:BatchGetItem"): (the_schedule, without("job_table")),
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
