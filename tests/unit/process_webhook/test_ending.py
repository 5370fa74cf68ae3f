"""A prediction's outcome decides the job's. No network: outputs are data URIs, or refused before a request."""

import base64
import struct
import zlib
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from mediagen.aws.limits import UPLOAD, Limits
from mediagen.aws.media_bucket import MediaBucket
from mediagen.jobs.failures import failure
from mediagen.jobs.state import Status
from mediagen.jobs.transition import Change
from mediagen.media.download import Source
from mediagen.media.errors import FfmpegUnusable
from mediagen.outbound.addresses import HostRules
from process_webhook.flow import MAX_ERROR, ending
from process_webhook.storing import Store
from unit.conftest import Logged
from unit.samples import NOW, job, prediction


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


PNG = b"\x89PNG\r\n\x1a\n" + b"".join(
    chunk(kind, content)
    for kind, content in (
        (b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"\0\x80")),
        (b"IEND", b""),
    )
)
PNG_URI = "data:image/png;base64," + base64.b64encode(PNG).decode()
PAGE_URI = "data:image/png;base64," + base64.b64encode(b"<html>just text</html>").decode()
FOREIGN = "https://evil.example/a.png"


class Bucket(MediaBucket):
    """A bucket that keeps keys and types."""

    def __init__(self) -> None:
        self.stored: dict[str, str] = {}
        self.bodies: dict[str, bytes] = {}
        self.dispositions: dict[str, str | None] = {}

    def upload(
        self,
        path: Path,
        key: str,
        *,
        content_type: str,
        sha256: str,
        disposition: str | None = None,
        limits: Limits = UPLOAD,
    ) -> None:
        assert path.exists()
        assert len(sha256) == 64
        self.dispositions[key] = disposition
        self.stored[key] = content_type

    def put(
        self, body: bytes, key: str, *, content_type: str, disposition: str | None = None, limits: Limits = UPLOAD
    ) -> None:
        assert body
        self.stored[key] = content_type
        self.bodies[key] = body
        self.dispositions[key] = disposition

    def put_new(self, body: bytes, key: str, *, content_type: str, limits: Limits = UPLOAD) -> bytes:
        """Store a few bytes if the key is unused."""
        if key not in self.bodies:
            self.put(body, key, content_type=content_type)
        return self.bodies[key]


def nobody(_name: str) -> Sequence[str]:
    """Resolver that must not be called."""
    pytest.fail("a name was resolved")


def end(
    limit_bytes: int = 10_000,
    bucket: Bucket | None = None,
    *,
    is_last_receive: bool = True,
    max_outputs: int = 64,
    **told: Any,
) -> tuple[Status, Change]:
    """Return the transition of a running job."""
    source = Source(HostRules.parse(["replicate.delivery"]), resolve=nobody)
    store = Store(bucket or Bucket(), source, limit_bytes, max_outputs, 5, lambda: 60.0, is_last_receive)
    return ending(job(Status.PROCESSING), prediction(**told), clock=lambda: NOW, store=store)


@pytest.fixture(autouse=True)
def no_ffmpeg(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Remove ffmpeg, because these rules hold without it."""
    monkeypatch.setattr("mediagen.media.ffmpeg_binary.LAYERS", tmp_path)


@pytest.mark.parametrize(
    ("told", "status", "code", "cost"),
    [
        ({"status": "failed", "error": "CUDA out of memory"}, "failed", "out_of_memory", 0),
        ({"status": "failed", "error": None}, "failed", "generation_failed", 0),
        ({"status": "failed", "error": {"a": ["NSFW"]}}, "failed", "content_refused", 0),
        ({"status": "aborted"}, "failed", "deadline_exceeded", 0),
        ({"status": "canceled"}, "canceled", "canceled", "0.003"),
        ({"status": "canceled", "completed_at": "2000-01-01T00:00:00Z"}, "canceled", "canceled", "0.003"),
        ({"status": "canceled", "completed_at": "2100-01-01T00:00:00Z"}, "failed", "deadline_exceeded", "0.003"),
        ({"output": None}, "failed", "no_output", 0),
        ({"output": []}, "failed", "no_output", 0),
        ({"output": {}}, "failed", "no_output", 0),
        ({"output": " \n"}, "failed", "no_output", 0),
        ({"output": [None, "", {}]}, "failed", "no_output", 0),
        ({"output": None, "data_removed": True}, "failed", "media_expired", 0),
        ({"output": FOREIGN}, "failed", "output_host_refused", 0),
        ({"output": "https://replicate.delivery.evil.example/a.png"}, "failed", "output_host_refused", 0),
        ({"output": "http://replicate.delivery/a.png"}, "failed", "output_host_refused", 0),
        ({"output": ["http://169.254.169.254/latest/meta-data/"]}, "failed", "output_host_refused", 0),
        ({"output": PAGE_URI}, "failed", "output_not_media", 0),
        ({"output": "data:image/png;base64,%%%"}, "failed", "output_not_media", 0),
        ({"output": PNG_URI, "limit_bytes": len(PNG) - 1}, "failed", "output_too_large", 0),
        ({"output": [PAGE_URI, FOREIGN]}, "failed", "output_not_media", 0),
    ],
)
def test_each_result_has_its_status_and_an_actionable_code(
    told: dict[str, Any], status: str, code: str, cost: object
) -> None:
    target, change = end(**told)
    assert (target, change.error, change.cost) == (status, failure(code), Decimal(str(cost)))
    assert change.outputs == ()


@pytest.mark.parametrize("output", [PNG_URI, [PNG_URI], {"image": PNG_URI}, [{"file": PNG_URI}], [FOREIGN, PNG_URI]])
def test_a_success_with_at_least_one_usable_file_is_completed(output: Any, logged: Logged) -> None:
    bucket = Bucket()
    target, change = end(output=output, bucket=bucket)
    assert (target, change.error, change.cost) == ("completed", None, Decimal("0.003"))
    assert [output.kind for output in change.outputs] == ["original", "metadata"]
    assert list(bucket.stored) == [output.key for output in change.outputs]
    assert change.outputs[0].key.endswith("/original-2.png" if FOREIGN in output else "/original.png")
    assert change.outputs[0].content_type == "image/png"
    stored = next(line for line in logged() if line["action"] == "media.stored")
    assert stored["metadata"] == {"files": 1, "leftOut": int(FOREIGN in output)}
    assert stored["S3UploadTime"] >= 0


def test_an_unusable_ffmpeg_is_counted_and_retried_and_nothing_is_stored(logged: Logged) -> None:
    bucket = Bucket()
    with pytest.raises(FfmpegUnusable):
        end(output=PNG_URI, bucket=bucket, is_last_receive=False)
    assert not bucket.stored
    [line] = logged()
    assert (line["action"], line["level"], line["FfmpegUnusable"]) == ("ffmpeg.unusable", "ERROR", 1)
    assert line["error"] == "missing: no layer has a bin/ffmpeg"


@pytest.mark.parametrize(("output", "status"), [(None, "failed"), ("a poem", "completed"), ([], "failed")])
def test_a_result_without_files_needs_no_ffmpeg(output: object, status: str) -> None:
    assert end(output=output, is_last_receive=False)[0] == status


def test_replicates_own_words_are_kept_for_operators_and_bounded() -> None:
    _, change = end(status="failed", error="x" * 100_000, metrics={"predict_time": 1.5})
    assert change.details == {"status": "failed", "metrics": {"predict_time": 1.5}, "providerError": "x" * MAX_ERROR}
    assert change.error is not None
    assert "x" not in change.error.message


@pytest.mark.parametrize("moment", [None, "", "yesterday", 17, {"a": 1}])
def test_strange_times_do_not_block_a_completion(moment: object) -> None:
    assert end(output=PNG_URI, created_at=moment, started_at=moment, completed_at=moment)[0] is Status.COMPLETED


def test_no_output_address_is_logged(logged: Logged) -> None:
    end(output=[PNG_URI, PAGE_URI])
    text = str(logged())
    assert base64.b64encode(b"<html>just text</html>").decode() not in text
    assert base64.b64encode(PNG).decode() not in text
