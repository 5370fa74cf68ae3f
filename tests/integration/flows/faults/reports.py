"""Promise 3, as far as others learn of a job's end: its log line and its callback exist once."""

import json
from typing import Any

from integration.flows.faults.settling import Stage
from mediagen.jobs.job import Job

_CALLBACKS = "SELECT CAST(id AS text), state, tries FROM callbacks WHERE job_id = :id"
_TRIES = "SELECT status_code FROM callback_tries WHERE callback_id = :id"


def reported(stage: Stage, job: Job, is_deleted: bool, logged: str) -> list[str]:
    """Return what is wrong with the reports of a job's end."""
    return _logged(job, logged) + ([] if is_deleted or not job.callback_url else _called_back(stage, job))


def _logged(job: Job, logged: str) -> list[str]:
    """Count the lines that carry the metrics of an end; a function that was killed may not have written one."""
    about = [line for line in logged.splitlines() if job.id in line and f'"action": "job.{job.status}"' in line]
    return [] if len(about) <= 1 else [f"is reported {len(about)} times in the log"]


def _called_back(stage: Stage, job: Job) -> list[str]:
    callbacks = stage.world.sql.run(_CALLBACKS, id=job.id)
    if len(callbacks) != 1:
        return [f"has {len(callbacks)} callbacks"]
    [[callback_id, state, begun]] = callbacks
    heard = _heard(stage, job)
    successes = [status for [status] in stage.world.sql.run(_TRIES, id=callback_id)].count(200)
    found = [] if state == "delivered" and heard else [f"was not reported to its client: {state}"]
    found += [f"was reported as {told['status']}" for _, told in heard if told["status"] != str(job.status)]
    found += ["was reported under another id" for sent_id, _ in heard if sent_id != callback_id]
    if successes > 1 or len(heard) > begun + stage.wire.repeated:
        found.append(f"was reported {len(heard)} times in {begun} tries, {successes} times with success")
    return found


def _heard(stage: Stage, job: Job) -> list[tuple[str, dict[str, Any]]]:
    """Return the callbacks that arrived for a job, each with its id. A retry names the job before it in `retryOf`."""
    arrived = zip(stage.receiver.requests, stage.receiver.bodies, strict=True)
    documents = [(headers["webhook-id"], json.loads(body)) for (_, headers), body in arrived]
    return [(sent_id, told) for sent_id, told in documents if told["jobId"] == job.id]
