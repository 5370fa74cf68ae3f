"""Mistakes in event source mappings."""

from unit.aws_requests.planted.on_functions import FUNCTION_ARN, QUEUE_ARN, RIGHTS, WORKER
from unit.aws_requests.planted.planting import planted

PLANTED = [
    planted(
        "role may not delete messages",
        WORKER,
        "event_sources.role_can_read_the_queue",
        (2, "PolicyDocument", RIGHTS.replace("sqs:DeleteMessage", "sqs:SendMessage")),
    ),
    planted(
        "role may read another queue",
        WORKER,
        "event_sources.role_can_read_the_queue",
        (2, "PolicyDocument", RIGHTS.replace(QUEUE_ARN, f"{QUEUE_ARN}-other")),
    ),
    planted(
        "role may read a queue of another case",
        WORKER,
        "event_sources.role_can_read_the_queue",
        (2, "PolicyDocument", RIGHTS.replace(QUEUE_ARN, QUEUE_ARN.replace("work", "Work"))),
    ),
    planted(
        "messages visible again before the function ends",
        WORKER,
        "event_sources.queue_waits_for_the_function",
        (8, "Attributes.VisibilityTimeout", "30"),
    ),
    planted(
        "event source of a missing function",
        WORKER,
        "event_sources.function_exists",
        (9, "FunctionName", "worker-of-old"),
    ),
    planted("batches of 20 without a window", WORKER, "event_sources.batches", (9, "BatchSize", 20)),
    planted("batches of no message", WORKER, "event_sources.batches", (9, "BatchSize", 0)),
    planted("window of 10 minutes", WORKER, "event_sources.batches", (9, "MaximumBatchingWindowInSeconds", 600)),
    planted(
        "maximum concurrency of 1",
        WORKER,
        "event_sources.concurrency_range",
        (9, "ScalingConfig.MaximumConcurrency", 1),
    ),
    planted(
        "more consumers than reserved executions",
        WORKER,
        "event_sources.concurrency_fits_the_reservation",
        (9, "ScalingConfig.MaximumConcurrency", 50),
    ),
    planted(
        "unknown answer of the function",
        WORKER,
        "event_sources.answers_are_known",
        (9, "FunctionResponseTypes", ["ReportBatchFailures"]),
    ),
    planted("queue read from its start", WORKER, "event_sources.streams_only", (9, "StartingPosition", "TRIM_HORIZON")),
    planted(
        "filter that is no pattern",
        WORKER,
        "event_sources.filters_are_patterns",
        (9, "FilterCriteria", {"Filters": [{"Pattern": "{body:"}]}),
    ),
    planted(
        "queue read twice by one function",
        WORKER,
        "event_sources.queue_is_read_once",
        (13, "FunctionName", f"{FUNCTION_ARN}:live"),
    ),
]
