"""Read how ffmpeg ended: only a decoder's verdict on the input is final, everything else is our trouble.

ffmpeg 7 exits with the low byte of its error (libavutil/error.h). Older versions exit with 1 for everything.
"""

import re
from collections.abc import Iterator

from mediagen.media.errors import FfmpegFailed, FfmpegReason

_VERDICTS = {
    69,  # more than two thirds of the frames did not decode (FFMPEG_ERROR_RATE_EXCEEDED)
    183,  # AVERROR_INVALIDDATA
    187,  # AVERROR_EOF: the input ends before anything could be read
}
# EINVAL: also for an unknown reader, writer or whitelist, so ffmpeg's words decide.
_INVALID_ARGUMENT = 234
_NOTHING_DECODED = ("does not contain any stream", "received no packets", "Output file is empty")
# After one SIGTERM, SIGINT, SIGQUIT or SIGXCPU, and after more than three.
_STOPPED_BY_SIGNAL = {255, 123}
# Not ffmpeg's own bound of 268 megapixels: a size beyond it is mostly noise behind a forged signature.
_TOO_LARGE = ("exceeds specified max pixel count", "Cannot allocate memory")

_DETAIL_CHARACTERS = 500
_PROGRESS = ("frame=", "size=", "Input #", "Output #", "Stream mapping:", "Press [q]")
_LINK = re.compile(r"\S*(?:://|\?\S*=)\S*")
_FOLDERS = re.compile(r"/\S*/")


def check_exit(code: int, last_words: str) -> None:
    """Raise FfmpegFailed unless ffmpeg did its work; `rejected` is a verdict on the input."""
    if code < 0:
        raise FfmpegFailed("killed", f"signal {-code}: {complaints(last_words)}")
    if code > 0:
        raise FfmpegFailed(_reason(code, last_words), f"exit {code}: {complaints(last_words)}")


def _reason(code: int, words: str) -> FfmpegReason:
    if any(part in words for part in _TOO_LARGE):
        return "too_large"
    if code in _STOPPED_BY_SIGNAL:
        return "killed"
    nothing_decoded = code == _INVALID_ARGUMENT and any(part in words for part in _NOTHING_DECODED)
    return "rejected" if nothing_decoded or code in _VERDICTS else "exit"


def complaints(words: str) -> str:
    """Keep ffmpeg's complaints, bounded, without links and folders.

    Indented lines quote the file's metadata, which may hold the prompt. ffmpeg ends a line with "\\n" only, so other
    line separators belong to a quoted value.
    """
    return " | ".join(_complaints(words))[:_DETAIL_CHARACTERS]


def _complaints(words: str) -> Iterator[str]:
    for line in words.split("\n"):
        if line and not line[0].isspace() and not line.startswith(_PROGRESS):
            yield _FOLDERS.sub("", _LINK.sub("<link>", line.rstrip()))
