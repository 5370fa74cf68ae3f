"""Copy the files of a result into our bucket and make the small ones that stand for them. One file at a time: nothing
is held in memory, and the scratch folder never holds more than one output."""

import hashlib
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from mediagen import log
from mediagen.jobs import Job, Output
from mediagen.left_out import LeftOut
from mediagen.media.derivatives import Derivative, DerivativeFailure, make_derivatives
from mediagen.media.download import Download, Source, download
from mediagen.media.errors import FfmpegFailed, FfmpegUnusable, OutputRefused, OutputUnavailable
from mediagen.media.inspect import Inspection, inspect_media
from mediagen.media.keys import derivative_name, job_folder, original_name
from mediagen.media.outputs import collect_references
from mediagen.media.self_test import require_ffmpeg
from mediagen.projection import subject


class Bucket(Protocol):
    """The media bucket."""

    def upload(self, path: Path, key: str, *, content_type: str, sha256: str) -> None:
        """Store a file."""

    def put(self, body: bytes, key: str, *, content_type: str) -> None:
        """Store a few bytes."""


@dataclass(frozen=True, slots=True)
class Store:
    """Dependencies and limits of storing. `seconds_left` is the time this invocation has for all of it.

    After the last receive of its message a result would be dead-lettered, and Replicate deletes it within the hour.
    """

    bucket: Bucket
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
    can_judge = bool(references.found) and _can_judge(job, store)
    for position, reference in enumerate(references.found, 1):
        with tempfile.TemporaryDirectory() as scratch:
            try:
                _store_one(job, reference, position, Path(scratch), store, stored, can_judge=can_judge)
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
    return stored


def _leave_out(left_out: LeftOut, job: Job, error: Exception, stored: Stored) -> None:
    stored.left_out.append(left_out)
    metadata = {"position": left_out.position}
    log.event("output.refused", level="WARNING", subject=subject(job), error=str(error)[:600], metadata=metadata)


def _can_judge(job: Job, store: Store) -> bool:
    """Return whether ffmpeg works. If not, the message is retried, and its last receive keeps the files unjudged."""
    try:
        require_ffmpeg()
    except FfmpegUnusable as error:
        metrics = [log.Metric("FfmpegUnusable", 1)]
        log.event("ffmpeg.unusable", level="ERROR", subject=subject(job), error=str(error)[:600], metrics=metrics)
        if not store.is_last_receive:
            raise
        return False
    return True


def _store_one(
    job: Job, reference: str, position: int, scratch: Path, store: Store, stored: Stored, *, can_judge: bool
) -> None:
    copy = download(
        reference,
        scratch / "output",
        source=store.source,
        limit_bytes=store.limit_bytes,
        seconds_left=store.seconds_left,
    )
    seen = _inspected(job, copy, store) if can_judge else Inspection(copy.media_type)
    name = original_name(position, seen.media_type.extension)
    content_type = seen.media_type.content_type
    original = Output(
        kind="original",
        key=_folder(job) + name,
        content_type=content_type,
        bytes=copy.bytes,
        sha256=copy.sha256,
        width=seen.width,
        height=seen.height,
        duration_seconds=seen.duration_seconds,
    )
    _upload(copy.path, original, store, stored)
    for derivative in _derivatives(job, copy, seen, scratch, store) if can_judge else ():
        _upload(derivative.path, _derived(job, derivative, position), store, stored)


def _inspected(job: Job, copy: Download, store: Store) -> Inspection:
    """Measure a file; if ffmpeg itself has trouble with it, the file is kept and its measures stay unknown."""
    try:
        return inspect_media(copy.path, copy.media_type, timeout_seconds=_seconds(store))
    except FfmpegFailed as error:
        log.degraded("inspection", error, subject=subject(job))
        return Inspection(copy.media_type)


def _derivatives(job: Job, copy: Download, seen: Inspection, scratch: Path, store: Store) -> list[Derivative]:
    def count(failure: DerivativeFailure) -> None:
        metrics = [log.Metric("DerivativesFailed", 1, dimensions={"kind": failure.kind, "reason": failure.reason})]
        log.event("derivative.failed", level="WARNING", subject=subject(job), error=failure.detail, metrics=metrics)

    seconds = _seconds(store)
    return make_derivatives(copy.path, seen.media_type, scratch, timeout_seconds=seconds, on_failure=count)


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


def _upload(path: Path, output: Output, store: Store, stored: Stored) -> None:
    started = time.monotonic()
    store.bucket.upload(path, output.key, content_type=output.content_type, sha256=output.sha256)
    stored.upload_ms += (time.monotonic() - started) * 1000
    stored.outputs.append(output)


def _folder(job: Job) -> str:
    return job_folder(job.media_type, user_id=job.user_id, job_id=job.id, created_at=job.created_at)  # type: ignore[arg-type]


def _seconds(store: Store) -> float:
    return max(1.0, min(store.derivative_seconds, store.seconds_left()))
