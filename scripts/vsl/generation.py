"""Commands that create a job or wait for one: generate, retry, status."""

import shlex
import uuid
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from common.downloads import names, save
from common.job_polling import Snapshot, WaitTimedOut
from common.progress import Step
from common.retries import CallFailed, Refused, document
from vsl import formatting
from vsl.exits import CommandFailed, Exit, from_call, usage_error
from vsl.params import merged
from vsl.session import Result, Session


def generate(given: Namespace, session: Session) -> Result:
    """generate a video, an image or an audio file"""
    body = request_body(given)
    create_folder(given.save)
    with _idempotent(given) as key:
        accepted = session.jobs.start(body, key)
    return _continue(given, session, accepted)


def retry(given: Namespace, session: Session) -> Result:
    """create a new job with the input of an existing one"""
    create_folder(given.save)
    with _idempotent(given) as key:
        path = f"/jobs/{quote(given.job, safe='')}/retry"
        accepted = document(session.caller.post(path, None, key=key), "jobId")
    return _continue(given, session, accepted)


def status(given: Namespace, session: Session) -> Result:
    """show a job with links to its files; --wait waits until it is final"""
    create_folder(given.save)
    if given.wait or given.save:
        return _wait(given, session, given.job)
    snapshot = session.jobs.read(given.job)
    return Result(snapshot.document, formatting.job(snapshot.document))


def request_body(given: Namespace) -> dict[str, Any]:
    """Build the request body of `generate`. Raises CommandFailed."""
    body: dict[str, Any] = {"mediaType": given.media_type, "modelId": given.model}
    body["params"] = merged([*given.param, *given.text], given.params_file)
    options = {"prompt": given.prompt, "callbackUrl": given.callback_url, "deadlineSeconds": given.deadline}
    metadata = merged(given.metadata, None, "--metadata")
    return (
        body
        | {name: value for name, value in options.items() if value is not None}
        | ({"metadata": metadata} if metadata else {})
    )


def create_folder(folder: Path | None) -> None:
    """Create the folder first, because a file that cannot be saved would be paid for. Raises CommandFailed."""
    try:
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise usage_error(f"cannot create the folder {folder}: {error.strerror}") from None


@contextmanager
def _idempotent(given: Namespace) -> Iterator[str]:
    """Yield the request's idempotency key; if the answer is lost, show how to repeat the request safely."""
    key = given.idempotency_key or str(uuid.uuid4())
    again = f"  The request may have been accepted. To repeat it without a second job: --idempotency-key {key}"
    try:
        yield key
    except Refused:
        raise
    except CallFailed as failed:
        raise from_call(failed, again, idempotencyKey=key) from None
    except KeyboardInterrupt:
        detail = "interrupted before the API answered"
        raise CommandFailed(Exit.INTERRUPTED, "interrupted", detail, again, idempotencyKey=key) from None


def _continue(given: Namespace, session: Session, accepted: Mapping[str, Any]) -> Result:
    if given.wait or given.save:
        session.notify(f"  · accepted: job {accepted['jobId']}")
        return _wait(given, session, str(accepted["jobId"]))
    return Result(accepted, formatting.accepted(accepted))


def _wait(given: Namespace, session: Session, job_id: str) -> Result:
    with _resumable(given, job_id), session.progress.step(job_id) as step:
        snapshot = _follow(given, session, job_id, step)
        if snapshot.status != "completed":
            return Result(snapshot.document, formatting.job(snapshot.document), Exit.JOB_FAILED)
        if not given.save:
            return Result(snapshot.document, formatting.job(snapshot.document))
        saved = save_files(session, job_id, snapshot, given.save)
    found = snapshot.document | {"files": saved}
    lines = [*formatting.job(snapshot.document | {"outputs": []}), *(f"  {line}" for line in formatting.files(saved))]
    wrong = any("problem" in file for file in saved)
    return Result(found, lines, Exit.NOT_SAVED if wrong else Exit.OK)


@contextmanager
def _resumable(given: Namespace, job_id: str) -> Iterator[None]:
    """If waiting ends early, show the command that resumes it. The job itself continues."""
    save = f" --save {shlex.quote(str(given.save))}" if given.save else ""
    resume = f"  The job continues. To wait again: vsl status {job_id} --wait{save}"
    try:
        yield
    except KeyboardInterrupt:
        raise CommandFailed(Exit.INTERRUPTED, "interrupted", "interrupted", resume, jobId=job_id) from None
    except WaitTimedOut as timeout:
        known = {"jobId": job_id, "jobStatus": timeout.snapshot.status}
        raise CommandFailed(Exit.TIMED_OUT, "time_over", str(timeout), resume, **known) from None
    except CallFailed as failed:
        raise from_call(failed, *([resume] if failed.retryable else []), jobId=job_id) from None


def _follow(given: Namespace, session: Session, job_id: str, step: Step) -> Snapshot:
    jobs = session.jobs
    for snapshot in jobs.snapshots(job_id, until=jobs.clock() + given.timeout):
        step.title = f"{snapshot.document.get('mediaType')} by {snapshot.document.get('modelId')}"
        step.detail = snapshot.status
        step.percent = lambda: snapshot.percent(jobs.clock())  # noqa: B023 - the newest snapshot is meant
    return snapshot


def save_files(session: Session, job_id: str, snapshot: Snapshot, folder: Path) -> list[dict[str, Any]]:
    """Save a job's files; return each file's facts and path, and its problem if there is one."""
    outputs = snapshot.document.get("outputs") or []

    def newest(number: int) -> Mapping[str, Any]:
        found: Mapping[str, Any] = session.jobs.read(job_id).document["outputs"][number]
        return found

    return [
        _saved(session, output, folder / name, lambda: newest(number))  # noqa: B023 - called before the next
        for number, (output, name) in enumerate(zip(outputs, names(outputs, f"{job_id}-"), strict=True))
    ]


def _saved(
    session: Session, output: Mapping[str, Any], path: Path, newest: Callable[[], Mapping[str, Any]]
) -> dict[str, Any]:
    facts = {name: output.get(name) for name in ("kind", "contentType", "bytes", "sha256")}
    problem = ""
    try:
        problem = save(session.client, output, path)
        if problem:  # an expired link or a broken connection: retry once with a new link
            session.notify(f"  · {path.name}: {problem}; retrying with a new link")
            problem = save(session.client, newest(), path)
    except CallFailed as failed:
        session.notify(f"  · {path.name}: the API gave no new link: {failed}")
    except OSError as error:
        problem = f"cannot write the file: {error.strerror}"
    return {"path": str(path), **facts} | ({"problem": problem} if problem else {})
