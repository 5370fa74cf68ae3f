"""Commands that make something, or wait for it: generate, retry, status."""

import shlex
import uuid
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from common.calling import CallFailed, Refused, document
from common.following import Picture, TimeOver
from common.progress import Step
from common.saving import names, save
from vsl import showing
from vsl.endings import Ended, Exit, misused, of_call
from vsl.params import merged
from vsl.session import Session, Told


def generate(given: Namespace, session: Session) -> Told:
    """make a video, an image or an audio file"""
    body = wanted(given)
    prepare(given.save)
    with _asking(given) as key:
        accepted = session.jobs.start(body, key)
    return _gone_on(given, session, accepted)


def retry(given: Namespace, session: Session) -> Told:
    """make a job again: a new one with the same input"""
    prepare(given.save)
    with _asking(given) as key:
        path = f"/jobs/{quote(given.job, safe='')}/retry"
        accepted = document(session.caller.post(path, None, key=key), "jobId")
    return _gone_on(given, session, accepted)


def status(given: Namespace, session: Session) -> Told:
    """show a job, with links to its files; with --wait once it has ended"""
    prepare(given.save)
    if given.wait or given.save:
        return _seen_to_its_end(given, session, given.job)
    picture = session.jobs.look(given.job)
    return Told(picture.document, showing.job(picture.document))


def wanted(given: Namespace) -> dict[str, Any]:
    """Write the request of a `generate`. Raises Ended."""
    body: dict[str, Any] = {"mediaType": given.media_type, "modelId": given.model}
    body["params"] = merged([*given.param, *given.text], given.params_file)
    options = {"prompt": given.prompt, "callbackUrl": given.callback_url, "deadlineSeconds": given.deadline}
    metadata = merged(given.metadata, None, "--metadata")
    return (
        body
        | {name: value for name, value in options.items() if value is not None}
        | ({"metadata": metadata} if metadata else {})
    )


def prepare(folder: Path | None) -> None:
    """Make the folder before anything is paid for that could not be saved. Raises Ended."""
    try:
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise misused(f"nothing can be saved in {folder}: {error.strerror}") from None


@contextmanager
def _asking(given: Namespace) -> Iterator[str]:
    """Give the idempotency key of a request; where its answer is missing, say how to ask for it once more."""
    key = given.idempotency_key or str(uuid.uuid4())
    again = f"  it may have been accepted: with --idempotency-key {key} the same command makes no second job"
    try:
        yield key
    except Refused:
        raise
    except CallFailed as failed:
        raise of_call(failed, again, idempotencyKey=key) from None
    except KeyboardInterrupt:
        detail = "interrupted before the answer came"
        raise Ended(Exit.INTERRUPTED, "interrupted", detail, again, idempotencyKey=key) from None


def _gone_on(given: Namespace, session: Session, accepted: Mapping[str, Any]) -> Told:
    if given.wait or given.save:
        session.say(f"  · accepted as {accepted['jobId']}")
        return _seen_to_its_end(given, session, str(accepted["jobId"]))
    return Told(accepted, showing.accepted(accepted))


def _seen_to_its_end(given: Namespace, session: Session, job_id: str) -> Told:
    with _leaving(given, job_id), session.progress.step(job_id) as step:
        picture = _followed(given, session, job_id, step)
        if picture.status != "completed":
            return Told(picture.document, showing.job(picture.document), Exit.JOB_FAILED)
        if not given.save:
            return Told(picture.document, showing.job(picture.document))
        saved = save_files(session, job_id, picture, given.save)
    found = picture.document | {"files": saved}
    lines = [*showing.job(picture.document | {"outputs": []}), *(f"  {line}" for line in showing.files(saved))]
    wrong = any("problem" in file for file in saved)
    return Told(found, lines, Exit.NOT_SAVED if wrong else Exit.OK)


@contextmanager
def _leaving(given: Namespace, job_id: str) -> Iterator[None]:
    """Whatever ends the waiting, say how to get back to the job, which knows nothing of it."""
    save = f" --save {shlex.quote(str(given.save))}" if given.save else ""
    back = f"  the job is left as it is; back to it: vsl status {job_id} --wait{save}"
    try:
        yield
    except KeyboardInterrupt:
        raise Ended(Exit.INTERRUPTED, "interrupted", "interrupted", back, jobId=job_id) from None
    except TimeOver as over:
        known = {"jobId": job_id, "jobStatus": over.picture.status}
        raise Ended(Exit.TIME_OVER, "time_over", str(over), back, **known) from None
    except CallFailed as failed:
        raise of_call(failed, *([back] if failed.worth_repeating else []), jobId=job_id) from None


def _followed(given: Namespace, session: Session, job_id: str, step: Step) -> Picture:
    jobs = session.jobs
    for picture in jobs.pictures(job_id, until=jobs.clock() + given.timeout):
        step.title = f"{picture.document.get('mediaType')} by {picture.document.get('modelId')}"
        step.detail = picture.status
        step.percent = lambda: picture.percent(jobs.clock())  # noqa: B023 - of the newest one
    return picture


def save_files(session: Session, job_id: str, picture: Picture, folder: Path) -> list[dict[str, Any]]:
    """Save a job's files; each is told with its path, or with what is wrong with it."""
    outputs = picture.document.get("outputs") or []

    def newest(number: int) -> Mapping[str, Any]:
        found: Mapping[str, Any] = session.jobs.look(job_id).document["outputs"][number]
        return found

    return [
        _saved(session, output, folder / name, lambda: newest(number))  # noqa: B023 - called before the next
        for number, (output, name) in enumerate(zip(outputs, names(outputs, f"{job_id}-"), strict=True))
    ]


def _saved(
    session: Session, output: Mapping[str, Any], path: Path, newest: Callable[[], Mapping[str, Any]]
) -> dict[str, Any]:
    told = {name: output.get(name) for name in ("kind", "contentType", "bytes", "sha256")}
    problem = ""
    try:
        problem = save(session.client, output, path)
        if problem:  # the link may be over, or the connection was cut: once more, with a new link
            session.say(f"  · {path.name}: {problem}; once more")
            problem = save(session.client, newest(), path)
    except CallFailed as failed:
        session.say(f"  · {path.name}: no new link: {failed}")
    except OSError as error:
        problem = f"it cannot be written: {error.strerror}"
    return {"path": str(path), **told} | ({"problem": problem} if problem else {})
