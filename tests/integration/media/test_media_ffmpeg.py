"""ffmpeg's limits."""

import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import pytest

from integration.media.file_host import FileHost, body
from mediagen.media.derivatives import DerivativeFailure, make_derivatives
from mediagen.media.errors import FfmpegFailed
from mediagen.media.ffmpeg import input_arguments, run_ffmpeg
from mediagen.media.ffmpeg_binary import ffmpeg_binary
from mediagen.media.ffmpeg_exit import complaints
from mediagen.media.inspect import Inspection, inspect_media
from mediagen.media.types import MP4, PNG, MediaType

ENDLESS = ("-f", "lavfi", "-i", "testsrc", "-f", "null")
IDAT = b"\x00\x00\x00\x00IDAT" + zlib.crc32(b"IDAT").to_bytes(4)


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Path]]:
    """Install a shell script in place of ffmpeg."""

    def install(script: str) -> Path:
        binary = tmp_path / "bin" / "ffmpeg"
        binary.parent.mkdir()
        binary.write_text(script)
        binary.chmod(0o755)
        monkeypatch.syspath_prepend(tmp_path)
        ffmpeg_binary.cache_clear()
        return binary

    yield install
    ffmpeg_binary.cache_clear()


def failure(timeout_seconds: float, *arguments: str, source: Path | None = None) -> FfmpegFailed:
    with pytest.raises(FfmpegFailed) as caught:
        run_ffmpeg(arguments, timeout_seconds=timeout_seconds, source=source)
    return caught.value


def running(word: str) -> list[str]:
    """List the processes with this word in their command line."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if word.encode() in (process / "cmdline").read_bytes():
                found.append(process.name)
        except OSError:
            continue  # it ended meanwhile
    return found


def all_ended(word: str) -> bool:
    """Return whether no such process is left; a killed process that is not our child takes a moment to end."""
    end = time.monotonic() + 20
    while running(word):
        if time.monotonic() > end:
            return False
        Event().wait(0.01)
    return True


def test_a_run_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    assert failure(0.3, *ENDLESS, str(tmp_path / "never")).reason == "timeout"
    assert all_ended(str(tmp_path / "never"))


def test_all_that_a_run_started_ends_with_it(stand_in: Callable[[str], Path], tmp_path: Path) -> None:
    stand_in(f"#!/bin/sh\ntail -f {tmp_path}/bin/ffmpeg >/dev/null &\nwait\n")
    assert failure(0.3).reason == "timeout"
    assert all_ended(f"{tmp_path}/bin/ffmpeg")


def test_endless_talk_does_not_outlast_the_limit_and_is_not_kept(stand_in: Callable[[str], Path]) -> None:
    stand_in("#!/bin/sh\nwhile :; do echo '[x] complaint'; done >&2\n")
    assert failure(0.3).reason == "timeout"


def test_a_failure_tells_the_complaints_only_and_not_too_much_of_them(stand_in: Callable[[str], Path]) -> None:
    script = "#!/bin/sh\necho '    comment : a secret prompt' >&2\n" + "echo '[png] broken' >&2\n" * 200 + "exit 69\n"
    stand_in(script)
    error = failure(10)
    assert error.reason == "rejected"
    assert error.detail.startswith("exit 69: [png] broken")
    assert "secret" not in error.detail
    assert len(error.detail) < 600


def test_ffmpeg_sees_no_environment_and_no_input(
    stand_in: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPLICATE_TOKEN", "secret")
    stand_in('#!/bin/sh\nread line || echo "[no input]" >&2\nexport -p | sed "s/^/[/" >&2\nexit 1\n')
    error = failure(10)
    assert "[no input]" in error.detail
    assert "LC_ALL" in error.detail
    assert "REPLICATE" not in error.detail


@pytest.mark.parametrize(("script", "reason"), [("#!/bin/sh\nkill -9 $$\n", "killed"), ("\x00", "not_runnable")])
def test_a_crash_or_a_broken_binary_is_not_the_fault_of_the_file(
    stand_in: Callable[[str], Path], samples: Path, script: str, reason: str
) -> None:
    stand_in(script)
    with pytest.raises(FfmpegFailed) as caught:
        inspect_media(samples / "a.png", PNG, timeout_seconds=10)
    assert caught.value.reason == reason


def test_a_time_out_is_not_the_fault_of_the_file(samples: Path) -> None:
    with pytest.raises(FfmpegFailed) as caught:
        inspect_media(samples / "a.mp4", MP4, timeout_seconds=0)
    assert caught.value.reason == "timeout"


# One script for each exit that says nothing about the file: an older ffmpeg's only code, an unknown option or codec,
# a missing demuxer, no space left, no memory for a thread, stopped by a signal that ffmpeg handles.
OURS = {
    "exit 1": "exit",
    "exit 8": "exit",
    "echo 'Error opening input files: Invalid argument' >&2; exit 234": "exit",
    "exit 228": "exit",
    "exit 245": "exit",
    "exit 255": "killed",
    "exit 123": "killed",
}


@pytest.mark.parametrize(("script", "reason"), OURS.items())
def test_only_a_verdict_of_the_decoder_is_the_fault_of_the_file(
    stand_in: Callable[[str], Path], samples: Path, script: str, reason: str
) -> None:
    stand_in(f"#!/bin/sh\n{script}\n")
    with pytest.raises(FfmpegFailed) as caught:
        inspect_media(samples / "a.png", PNG, timeout_seconds=10)
    assert caught.value.reason == reason


@pytest.mark.parametrize(("option", "code"), [("-nonsense", 8), ("-c:v", 8), ("-f", 234)])
def test_what_the_real_ffmpeg_lacks_is_no_verdict(samples: Path, option: str, code: int) -> None:
    error = failure(10, *input_arguments(PNG)[:-2], option, "nonsense", "-i", "fd:", "-f", "null", "-",
                    source=samples / "a.png")  # fmt: skip
    assert error.reason == "exit"
    assert error.detail.startswith(f"exit {code}: ")
    assert "nonsense" in error.detail


def test_words_of_ffmpeg_are_logged_without_links_folders_and_metadata() -> None:
    report = (
        "Input #0, png_pipe, from 'fd:':\n"
        "  Metadata:\n    comment         : a prompt\u2028[a prompt\x0b[a prompt\r\n"
        "fd:: Protocol not found\n"
        "[hls] Opening 'https://replicate.delivery/a.ts?token=secret' for reading\n"
        "[hls] Opening 'a.ts?X-Amz-Signature=secret' for reading\n"
        "Error opening output file file:/tmp/tmp1234/thumbnail.jpg.\n"
        "frame=    0 fps=0.0\n"
    )
    assert complaints(report) == (
        "fd:: Protocol not found | [hls] Opening <link> for reading | [hls] Opening <link> for reading"
        " | Error opening output file file:thumbnail.jpg."
    )


@pytest.mark.parametrize("side", [13_000, 16_000])
def test_a_picture_too_large_for_our_memory_is_not_the_fault_of_the_file(tmp_path: Path, side: int) -> None:
    header = b"IHDR" + side.to_bytes(4) * 2 + b"\x08\x02\x00\x00\x00"  # is read before any pixel
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0d" + header + zlib.crc32(header).to_bytes(4) + IDAT)
    with pytest.raises(FfmpegFailed) as caught:
        inspect_media(picture, PNG, timeout_seconds=30)
    assert caught.value.reason == "too_large"


def test_ffmpeg_opens_nothing_by_name(host: FileHost, tmp_path: Path) -> None:
    url = host.serve("/secret.ts", body(b"G" * 188))
    playlist = tmp_path / "list.m3u8"
    playlist.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{url}\n#EXT-X-ENDLIST\n")
    reader = MediaType("video", "application/vnd.apple.mpegurl", "m3u8", "hls")
    options = input_arguments(reader)
    for arguments in (
        options,
        [*options[:-1], url],
        [*options[:-1], f"file:{playlist}"],
        [*options[:-1], str(playlist)],
    ):
        assert failure(10, *arguments, "-f", "null", "-", source=playlist).reason in ("exit", "rejected")
    assert host.requests == []


def test_each_derivative_that_fails_is_told_by_its_name(samples: Path, tmp_path: Path) -> None:
    told: list[DerivativeFailure] = []
    made = make_derivatives(samples / "a.mp4", Inspection(MP4), tmp_path, timeout_seconds=0, on_failure=told.append)
    assert made == []
    assert [(failed.kind, failed.reason) for failed in told] == [("thumbnail", "timeout"), ("preview", "timeout")]


def test_one_derivative_that_fails_does_not_hinder_the_next(samples: Path, tmp_path: Path) -> None:
    (tmp_path / "thumbnail.jpg").mkdir()
    told: list[DerivativeFailure] = []
    made = make_derivatives(samples / "a.mp4", Inspection(MP4), tmp_path, timeout_seconds=30, on_failure=told.append)
    assert [file.kind for file in made] == ["preview"]
    assert [(failed.kind, failed.reason) for failed in told] == [("thumbnail", "exit")]
