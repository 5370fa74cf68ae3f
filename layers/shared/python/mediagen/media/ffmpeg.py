"""Run ffmpeg on local files: bounded in time, threads, memory, picture size and what it may open, read or say."""

import os
import resource
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from mediagen.media.errors import FfmpegFailed
from mediagen.media.ffmpeg_binary import ffmpeg_binary
from mediagen.media.ffmpeg_exit import check_exit
from mediagen.media.private_memory import close_memory
from mediagen.media.types import MediaType

# Decoded, 150 megapixels (12,000 x 12,000) are 600 MB of the function's 2048 MB; upscalers reach 67.
MAX_PIXELS = 150_000_000
# Texts and profiles within a file are unpacked whole: without a bound 1 MB of PNG takes 2 GB. 150 megapixels of 16 bits
# a channel need 1.6 of address space; what is resident stays 300 MB below it.
_MEMORY_BYTES = 1_792 * 1024 * 1024
_LIMITS = {
    resource.RLIMIT_AS: _MEMORY_BYTES,
    resource.RLIMIT_FSIZE: 64 * 1024 * 1024,  # what is written here has a few hundred KB
    resource.RLIMIT_CORE: 0,  # a crash must not fill the disk
}
_THREADS = "2"  # 2048 MB of memory come with 1.2 processors
_ALWAYS = ("-hide_banner", "-nostdin", "-y", "-filter_threads", _THREADS)
_REPORT_BYTES = 64 * 1024
_EXIT_SECONDS = 0.5  # between the last word and the end of the process


def input_arguments(media_type: MediaType, decoder: str | None = None) -> list[str]:
    """Return the options that read what is given to ffmpeg, with one reader; no name can lead to another file.

    `decoder`: of the pictures, instead of ffmpeg's choice.
    """
    limits = ["-threads", _THREADS, "-max_pixels", str(MAX_PIXELS)]
    only = ["-protocol_whitelist", "fd", "-format_whitelist", media_type.demuxer, "-f", media_type.demuxer]
    return [*limits, *only, *(["-c:v", decoder] if decoder else []), "-i", "fd:"]


def run_ffmpeg(arguments: Sequence[str], *, timeout_seconds: float, source: Path | None = None) -> str:
    """Run ffmpeg over an open file and return the first 64 KB of its report; FfmpegFailed if it fails or is late."""
    command = [str(ffmpeg_binary()), *_ALWAYS, *arguments]
    with open(source or os.devnull, "rb") as given:
        try:
            close_memory()
            process = subprocess.Popen(
                command,
                stdin=given,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env={"LC_ALL": "C"},
                start_new_session=True,
            )
        except OSError as error:
            raise FfmpegFailed("not_runnable", str(error)) from error
    with process:
        try:
            _bound(process.pid)
            report, last_words = _listen(process, time.monotonic() + timeout_seconds)
        finally:
            _kill_group(process)
    check_exit(process.returncode, last_words)
    return report


def _bound(pid: int) -> None:
    """Bound a process that has just begun: what is set before it begins needs a fork that is unsafe beside threads."""
    if sys.platform != "linux":
        return  # a developer's machine
    for limit, most in _LIMITS.items():
        with suppress(ProcessLookupError):  # it has ended already
            resource.prlimit(pid, limit, (most, most))


def _listen(process: subprocess.Popen[bytes], end: float) -> tuple[str, str]:
    """Read all that ffmpeg says, keep the first and the last of it, and wait for its end."""
    assert process.stderr is not None  # nosec B101 # it is a pipe; types cannot say so
    first, last = b"", b""
    while (left := end - time.monotonic()) > 0 and select.select([process.stderr], [], [], left)[0]:
        said = os.read(process.stderr.fileno(), _REPORT_BYTES)
        if not said:
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(_EXIT_SECONDS, left))
                return first.decode(errors="replace"), last.decode(errors="replace")
            break
        first += said[: _REPORT_BYTES - len(first)]
        last = (last + said)[-_REPORT_BYTES:]
    raise FfmpegFailed("timeout", "the time limit was reached")


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
