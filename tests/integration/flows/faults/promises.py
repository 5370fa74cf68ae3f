"""The promises of docs/reliability.md, held against every store once things are quiet."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from integration.flows import cloud as names
from integration.flows.faults.bills import wrong_totals, wrongly_billed
from integration.flows.faults.endings import unjustified
from integration.flows.faults.reports import reported
from integration.flows.faults.scenarios import PROMPT
from integration.flows.faults.settling import Stage
from mediagen.aws.attribute_values import unmarshal_item
from mediagen.jobs.epochs import REVISIONS
from mediagen.jobs.job import Job
from mediagen.jobs.state import Status
from mediagen.media.keys import METADATA_NAME, job_folder

_ENDS = ("completed", "failed", "canceled")
_HISTORY = "SELECT revision, from_status, to_status, reason FROM job_events WHERE job_id = :id ORDER BY revision"
_JOBS = "SELECT CAST(id AS text), deleted_at IS NOT NULL FROM jobs"
_USAGE = """
SELECT (SELECT COALESCE(sum(cost), 0) FROM daily_usage), (SELECT COALESCE(sum(cost), 0) FROM jobs),
       (SELECT COALESCE(sum(completed + failed + canceled), 0) FROM daily_usage), (SELECT count(*) FROM jobs)
"""


def broken(stage: Stage, logged: str) -> list[str]:
    """List every promise that does not hold, each in a sentence."""
    rows: list[list[Any]] = stage.world.sql.run(_JOBS)
    deleted = {job_id for job_id, is_deleted in rows if is_deleted}
    jobs = {job_id: job for job_id, _ in rows if (job := stage.world.records.find_any(job_id))}
    found = [f"{job_id}: accepted, and lost" for job_id in stage.accepted if job_id not in jobs]
    for job_id, job in jobs.items():
        is_deleted = job_id in deleted
        wrong = [*_ended(stage, job), *_paid(stage, job), *_same_everywhere(stage, job, is_deleted)]
        wrong += [*reported(stage, job, is_deleted, logged), *_repeats(job, jobs, deleted)]
        wrong += [*unjustified(stage, job, is_deleted), *wrongly_billed(stage, job), *_dropped(stage, job, is_deleted)]
        found += [f"{job_id} ({job.status}): {each}" for each in wrong]
    found += _counted_once(stage) + wrong_totals(stage, jobs.values()) + _secrets(stage, logged)
    # Restores of the tests renew the epoch, so this alarm is a mark that was set before its commit.
    return [*found, "a mark was there before its commit"] if '"action": "epoch.not_renewed"' in logged else found


def _ended(stage: Stage, job: Job) -> list[str]:
    """1 and 3: it ends, once, by a history without gaps."""
    history = stage.world.sql.run(_HISTORY, id=job.id)
    found = [] if job.status.is_final else ["has not ended"]
    if [revision for revision, *_ in history] != list(range(job.revision + 1)):
        found.append(f"has the history {history} at revision {job.revision}")
    if [target for _, source, target, _ in history if target in _ENDS and source != target] != [str(job.status)][
        : len(history)
    ]:
        found.append(f"ended more than once, or otherwise: {history}")
    if any(before[2] != after[1] for before, after in pairwise(history)):
        found.append(f"jumped: {history}")
    return found


def _paid(stage: Stage, job: Job) -> list[str]:
    """2: at most one billable prediction, and a second one at all only where the absence of the first was proven."""
    made = stage.world.created(job.id)
    proven = "absence_proven" in stage.world.reasons(job.id)
    found = [] if made["billable"] <= 1 else [f"is paid for {made['billable']} times"]
    return found if made["created"] <= 1 or proven else [*found, f"was created {made['created']} times"]


def _same_everywhere(stage: Stage, job: Job, is_deleted: bool) -> list[str]:
    """4: the other stores have what PostgreSQL has, or have forgotten the job."""
    found = _files(stage, job, is_deleted)
    stored = stage.world.cloud.item(job.id)
    kept = unmarshal_item(stored) if stored else None
    cached = stage.cached(job.id)
    for store, document in (("the job table", kept), ("the cache", cached)):
        if document is None:
            if store == "the job table" and not is_deleted:
                found.append("is not in the job table")
        elif is_deleted != ("deleted" in document) or document["revision"] % REVISIONS != job.revision:
            found.append(f"is in {store} at revision {document['revision']}, in PostgreSQL at {job.revision}")
        elif not is_deleted and document["status"] != str(job.status):
            found.append(f"is {document['status']} in {store}")
    return found


def _files(stage: Stage, job: Job, is_deleted: bool) -> list[str]:
    folder = job_folder(job.media_type, user_id=job.user_id, job_id=job.id, created_at=job.created_at)  # type: ignore[arg-type]
    there = stage.world.cloud.keys(folder)
    recorded = [] if is_deleted else sorted(output.key for output in job.outputs)
    is_explained = sorted(there) == recorded or _is_kept(stage, job, there)
    found = [] if is_explained else [f"has the files {there}, and {recorded} on record"]
    if is_deleted and stage.world.cloud.versions(folder):
        found.append("is deleted, and versions of its files are left")
    if job.status is Status.COMPLETED and not is_deleted and not recorded:
        found.append("is completed, and has no file")
    digests = {output.key: (output.bytes, output.sha256) for output in job.outputs}
    for key in set(there) & set(recorded):
        content = stage.world.cloud.client("s3").get_object(Bucket=names.BUCKET, Key=key)["Body"].read()
        stored = len(content), hashlib.sha256(content).hexdigest()
        found += [] if stored == digests[key] else [f"has {stored} in {key}, and {digests[key]} on record"]
    return found


def _is_kept(stage: Stage, job: Job, there: list[str]) -> bool:
    """Return whether a restore explains other files than those on record.

    A job that was deleted since is shown again without its files. The eraser keeps a result of before the epoch,
    whatever has become of the job: ADR 42.
    """
    if job.status is Status.COMPLETED:
        return job.id in stage.restored.deleted and not there
    return job.is_restored and any(key.endswith(METADATA_NAME) for key in there)


def _dropped(stage: Stage, job: Job, is_deleted: bool) -> list[str]:
    """6: what was completed before a restore completes again, unless its client deletes or cancels it."""
    is_wanted = not is_deleted and job.status is not Status.CANCELED and job.id not in stage.restored.deleted
    is_dropped = job.id in stage.restored.completed and is_wanted and job.status is not Status.COMPLETED
    return ["was completed before a restore, and its result is dropped"] if is_dropped else []


def _repeats(job: Job, jobs: Mapping[str, Job], deleted: set[str]) -> list[str]:
    """1: a retry asks for what the job before it asked for, within as much time."""
    before = jobs.get(job.retry_of or "")
    if before is None or {job.id, before.id} & deleted:
        return []
    now, then = [(one.params, one.metadata, one.deadline_at - one.created_at) for one in (job, before)]
    return [] if now == then else [f"repeats {then} as {now}"]


def _counted_once(stage: Stage) -> list[str]:
    """3: costs are counted once for each job."""
    [[usage, cost, counted, jobs]] = stage.world.sql.run(_USAGE)
    return [] if (usage, counted) == (cost, jobs) else [f"usage says {usage} for {counted}, jobs {cost} for {jobs}"]


def _secrets(stage: Stage, logged: str) -> list[str]:
    """5: no line of the log has a secret, a prompt or a signed link."""
    settings = stage.world.replicate.settings
    hidden: Mapping[str, str] = {
        "the token": settings.api_token,
        "the signing secret": settings.webhook_secret,
        "a prompt": PROMPT,
        "a signed link": "X-Amz-Signature",
    }
    return [f"the log has {what}" for what, text in hidden.items() if text in logged]


def counted(found: list[str]) -> Counter[str]:
    """Count broken promises by what they are about."""
    return Counter(each.partition(": ")[2] for each in found)
