"""What can go wrong with an output, and whether trying again can help."""

from typing import Literal

type RefusalCode = Literal["output_host_refused", "output_too_large", "output_not_media", "output_gone"]
type FfmpegReason = Literal["missing", "not_runnable", "timeout", "exit", "killed", "too_large"]


class OutputRefused(Exception):
    """Raised when the output can never be used; `code` says why."""

    def __init__(self, code: RefusalCode, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code: RefusalCode = code
        self.detail = detail


class OutputUnavailable(Exception):
    """Raised when the output cannot be had now: trying again later can help."""


class FfmpegFailed(Exception):
    """Raised when ffmpeg did not do its work; `detail` is bounded and without the file's own metadata."""

    def __init__(self, reason: FfmpegReason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason: FfmpegReason = reason
        self.detail = detail
