"""Copy the files of a result into our bucket and make the small ones that stand for them. One file at a time: nothing
is held in memory, and the scratch folder never holds more than one output."""

import hashlib
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mediagen import log
from mediagen.aws.media_bucket import MediaBucket
from mediagen.jobs.job import Job, Output
from mediagen.jobs.left_out import LeftOut
from mediagen.media.derivatives import Derivative, DerivativeFailure, make_derivatives
from mediagen.media.download import Download, Source, download
from mediagen.media.errors import FfmpegFailed, FfmpegUnusable, OutputRefused, OutputUnavailable
from mediagen.media.inspect import Inspection, inspect_media, not_inspected
from mediagen.media.keys import derivative_name, job_folder, original_name
from mediagen.media.outputs import collect_references
from mediagen.media.self_test import require_ffmpeg
from mediagen.media.text_output import text_output
from mediagen.media.types import disposition_of


@dataclass(frozen=True, slots=True)
class Store:
    """Dependencies and limits of storing. `seconds_left` is the time this invocation has for all of it.

    After the last receive of its message a result would be dead-lettered, and Replicate deletes it within the hour.
    """

    bucket: MediaBucket
    source: Source
    limit_bytes: int
    max_outputs: int
    derivative_seconds: int
    seconds_left: Callable[[], float]
    is_last_receive: bool


@dataclass(slots=True)
class Stored:
    """The files stored so far, and the outputs that were left out."""

    outputs: list[Output] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    upload_ms: float = 0.0


def store_outputs(job: Job, output: object, store: Store, *, is_last_chance: bool) -> Stored:
    """Store every usable output with its derivatives. A retry can help OutputUnavailable, FfmpegUnusable, AwsError.

    On the last chance, shortly before Replicate deletes the files, unavailable ones are left out if others are stored.
    """
    references, stored = collect_references(output, limit=store.max_outputs), Stored()
    unavailable: OutputUnavailable | None = None
    names: dict[str, str | None] = {}
    can_judge = bool(references.found) and _can_judge(job, store)
    for position, reference in enumerate(references.found, 1):
        with tempfile.TemporaryDirectory() as scratch:
            place = _Place(position, len(references.found) - position + 1, Path(scratch), can_judge)
            try:
                names[reference] = _store_one(job, reference, store, stored, place)
            except OutputRefused as refused:
                _leave_out(LeftOut(position, refused.code), job, refused, stored)
            except OutputUnavailable as error:
                if not is_last_chance:
                    raise
                unavailable = error
                _leave_out(LeftOut(position, "output_unavailable"), job, error, stored)
    if unavailable and not stored.outputs:
        raise unavailable
    if references.left_out:
        stored.left_out.append(LeftOut(store.max_outputs + 1, "too_many_outputs", references.left_out))
    if stored.outputs or not references.found:
        _store_text(job, output, names, store, stored, position=len(references.found) + references.left_out + 1)
    return stored


def _store_text(
    job: Job, output: object, names: Mapping[str, str | None], store: Store, stored: Stored, *, position: int
) -> None:
    """Store text outputs."""
    found = text_output(output, names)
    if found is None:
        return
    body, media_type = found
    if len(body) > store.limit_bytes:
        stored.left_out.append(LeftOut(position, "output_too_large"))
        return
    name = f"output.{media_type.extension}"
    digest = hashlib.sha256(body).hexdigest()
    text = Output("original", _folder(job) + name, media_type.content_type, len(body), digest)
    disposition = disposition_of(name, media_type)
    store.bucket.put(body, text.key, content_type=text.content_type, disposition=disposition)
    stored.outputs.append(text)


def _leave_out(left_out: LeftOut, job: Job, error: Exception, stored: Stored) -> None:
    stored.left_out.append(left_out)
    metadata = {"position": left_out.position}
    log.event("output.refused", level="WARNING", subject=job.subject, error=str(error)[:600], metadata=metadata)


def _can_judge(job: Job, store: Store) -> bool:
    """Return whether ffmpeg works.

    If not, the message is retried; its last receive stores the files without inspection.
    """
    try:
        require_ffmpeg()
    except FfmpegUnusable as error:
        metrics = [log.Metric("FfmpegUnusable", 1)]
        log.event("ffmpeg.unusable", level="ERROR", subject=job.subject, error=str(error)[:600], metrics=metrics)
        if not store.is_last_receive:
            raise
        return False
    return True


def _store_one(job: Job, reference: str, store: Store, stored: Stored, place: "_Place") -> str:
    copy = download(
        reference,
        place.scratch / "output",
        source=store.source,
        limit_bytes=store.limit_bytes,
        seconds_left=store.seconds_left,
    )
    seen = _inspected(job, copy, store, place)
    name = original_name(place.position, seen.media_type.extension)
    original = Output(
        kind="original",
        key=_folder(job) + name,
        content_type=seen.media_type.content_type,
        bytes=copy.bytes,
        sha256=copy.sha256,
        width=seen.width,
        height=seen.height,
        duration_seconds=seen.duration_seconds,
    )
    _upload(copy.path, original, store, stored, disposition=disposition_of(name, seen.media_type))
    for derivative in _derivatives(job, copy, seen, store, place) if seen.look else ():
        _upload(derivative.path, _derived(job, derivative, place.position), store, stored)
    return name


@dataclass(frozen=True, slots=True)
class _Place:
    """Position of an output, how many are still to be stored with it, and the folder for its files."""

    position: int
    outputs_left: int
    scratch: Path
    can_judge: bool

    def seconds(self, store: Store) -> float:
        """Return the time limit of one ffmpeg run: half of the time left is kept for the remaining downloads."""
        share = store.seconds_left() / (2 * self.outputs_left)
        return max(1.0, min(store.derivative_seconds, share))


def _inspected(job: Job, copy: Download, store: Store, place: _Place) -> Inspection:
    """Inspect a file. One that ffmpeg cannot decode is stored, and its dimensions stay unknown."""
    if not place.can_judge or copy.media_type.family is None:
        return Inspection(copy.media_type)
    try:
        return inspect_media(copy.path, copy.media_type, timeout_seconds=place.seconds(store))
    except FfmpegFailed as error:
        if error.reason == "rejected":
            log.event("output.undecodable", level="WARNING", subject=job.subject, error=str(error)[:600])
        else:
            log.degraded("inspection", error, subject=job.subject)
        return not_inspected(copy.path, copy.media_type)


def _derivatives(job: Job, copy: Download, seen: Inspection, store: Store, place: _Place) -> list[Derivative]:
    def count(failure: DerivativeFailure) -> None:
        metrics = [log.Metric("DerivativesFailed", 1, dimensions={"kind": failure.kind, "reason": failure.reason})]
        log.event("derivative.failed", level="WARNING", subject=job.subject, error=failure.detail, metrics=metrics)

    seconds = place.seconds(store)
    return make_derivatives(copy.path, seen, place.scratch, timeout_seconds=seconds, on_failure=count)


def _derived(job: Job, derivative: Derivative, position: int) -> Output:
    content = derivative.path.read_bytes()  # a few hundred KB
    return Output(
        kind=derivative.kind,
        key=_folder(job) + derivative_name(derivative.kind, position),
        content_type=derivative.content_type,
        bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        width=derivative.width,
        height=derivative.height,
    )


def _upload(path: Path, output: Output, store: Store, stored: Stored, *, disposition: str | None = None) -> None:
    started = time.monotonic()
    store.bucket.upload(
        path, output.key, content_type=output.content_type, sha256=output.sha256, disposition=disposition
    )
    stored.upload_ms += (time.monotonic() - started) * 1000
    stored.outputs.append(output)


def _folder(job: Job) -> str:
    return job_folder(job.media_type, user_id=job.user_id, job_id=job.id, created_at=job.created_at)  # type: ignore[arg-type]
