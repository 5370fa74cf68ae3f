"""What a random history may choose from: the fates of jobs at Replicate, outages, wrong answers, limits and times."""

from datetime import timedelta
from typing import Any

from integration.flows.faults import actors
from integration.flows.faults.kinds import Fault, is_read
from integration.flows.faults.steps import STEPS
from integration.flows.faults.wrong_answers import WRONG_ANSWERS

# What may become of a job at Replicate, by itself.
USABLE = ("", "[[fault:output-many count=3]]", "[[fault:output-object]]", "[[fault:output-data-uri]]")
FATES = (
    *USABLE,
    "[[fault:nsfw]]",
    "[[fault:failed]]",
    "[[fault:aborted]]",
    "[[fault:canceled]]",
    "[[fault:never-finishes]]",
    "[[fault:output-gone]]",
    "[[fault:output-null]]",
    "[[fault:429 times=1]]",
    "[[fault:402 times=1]]",
    "[[fault:500 times=1]]",
    "[[fault:cut-before-accept times=1]]",
    "[[fault:cut-after-accept times=1]]",
    "[[fault:422]]",
    "[[fault:answer-202]]",
    *WRONG_ANSWERS,
)
PARTS = ("redis", "dynamodb", "postgres", "replicate", "s3", "sqs", "secretsmanager", "outgoing")
OUTAGES = (Fault.ERROR, Fault.LOST, Fault.HANG, Fault.THROTTLED)
SPANS = tuple(timedelta(minutes=minutes) for minutes in (1, 3, 6, 35, 70))
MOST_JOBS = 20  # else those that wait for a turn behind many in doubt reach their deadlines
DEADLINES = (None, 300, 1200)
# What Replicate may answer to any call for a while: as for another account's token, a wrong 404, bare lists.
WRONG_TO_ALL: tuple[tuple[dict[str, Any], ...], ...] = (
    tuple({"fault": "other-account", "on": on} for on in ("account", "list", "get")),
    ({"fault": "404", "on": "get", "times": 2},),
    ({"fault": "list-without-webhook"},),
)
LIMITS: tuple[dict[str, Any], ...] = ({"concurrentJobs": 2}, {"monthlyBudget": 0.007}, {"ratePerHour": 3})
NO_LIMITS = {"concurrentJobs": None, "monthlyBudget": None, "ratePerHour": None}
ACTORS = (actors.client_cancels, actors.client_deletes, actors.result_comes, actors.poller_comes_late)
CHANGES = sorted({step for steps in STEPS.values() for step in steps if not is_read(step)})
