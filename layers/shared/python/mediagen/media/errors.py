"""What can go wrong with an output, and whether trying again can help."""

from typing import Literal

from mediagen.errors.text import SafeMessage

type RefusalCode = Literal["output_host_refused", "output_too_large", "output_not_media", "media_expired"]
# "rejected" is ffmpeg's verdict on the file. All others are ours: nothing was learnt of the file.
type FfmpegReason = Literal["missing", "not_runnable", "timeout", "exit", "killed", "too_large", "rejected"]


class OutputRefused(SafeMessage, Exception):
    """Raised when the output can never be used; `code` says why."""

    def __init__(self, code: RefusalCode, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code: RefusalCode = code
        self.detail = detail


class OutputUnavailable(SafeMessage, Exception):
    """Raised when the output cannot be had now: trying again later can help."""


class FfmpegFailed(SafeMessage, Exception):
    """Raised when ffmpeg did not do its work; `detail` is bounded and without the file's own metadata."""

    def __init__(self, reason: FfmpegReason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason: FfmpegReason = reason
        self.detail = detail


class FfmpegUnusable(Exception):
    """Raised when ffmpeg cannot decode even our own sample: no file can be judged, and a retry may help."""
