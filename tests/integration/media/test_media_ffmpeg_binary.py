"""Only the layer's ffmpeg is run, and it must pass a sample before it judges any file."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import imageio_ffmpeg
import pytest

from mediagen.media import ffmpeg_binary as finding
from mediagen.media.errors import FfmpegFailed, FfmpegUnusable
from mediagen.media.ffmpeg_binary import ffmpeg_binary, find_binary
from mediagen.media.inspect import inspect_media
from mediagen.media.self_test import require_ffmpeg
from mediagen.media.types import PNG

# The complete output of Debian 12's ffmpeg 5.1 for our arguments.
OLD = "#!/bin/sh\necho 'fd:: Protocol not found' >&2\necho 'Did you mean file:fd:?' >&2\nexit 1\n"
BROKEN = {
    "old": (OLD, "exit: exit 1: fd:: Protocol not found | Did you mean file:fd:?"),
    "broken": ("\x7fELF", "not_runnable: "),
    "without its libraries": (
        "#!/bin/sh\necho 'ffmpeg: error while loading shared libraries' >&2\nexit 127\n",
        "exit: exit 127: ffmpeg: error while loading shared libraries",
    ),
    "killed": ("#!/bin/sh\nkill -9 $$\n", "killed: signal 9"),
    "idle": ("#!/bin/sh\nexit 0\n", "rejected: no picture"),
    "judging all to be no media": ("#!/bin/sh\nexit 183\n", "rejected: exit 183"),
}


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Path]]:
    """Install a program as the layer's ffmpeg."""

    def put(program: str) -> Path:
        binary = layer(tmp_path, 0o755, program)
        monkeypatch.syspath_prepend(tmp_path / "layer")
        ffmpeg_binary.cache_clear()
        return binary

    require_ffmpeg.cache_clear()
    yield put
    ffmpeg_binary.cache_clear()
    require_ffmpeg.cache_clear()


def layer(folder: Path, mode: int, program: str = "#!/bin/sh\n") -> Path:
    binary = folder / "layer" / "bin" / "ffmpeg"
    binary.parent.mkdir(parents=True, exist_ok=True)
    binary.write_text(program)
    binary.chmod(mode)
    return binary


def test_an_older_ffmpeg_on_path_is_never_run(samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    older = layer(tmp_path, 0o755, OLD)
    monkeypatch.setenv("PATH", f"{older.parent}{os.pathsep}{os.environ['PATH']}")
    assert subprocess.run(["ffmpeg"], capture_output=True, check=False).returncode == 1
    ffmpeg_binary.cache_clear()
    assert ffmpeg_binary().resolve() == Path(imageio_ffmpeg.get_ffmpeg_exe())
    assert inspect_media(samples / "a.png", PNG, timeout_seconds=30).width == 640


def test_the_layer_of_aws_is_found_where_aws_unpacks_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    binary = layer(tmp_path, 0o755)
    assert Path("/opt") == finding.LAYERS
    monkeypatch.setattr(finding, "LAYERS", tmp_path / "layer")
    monkeypatch.setattr("sys.path", ["", str(tmp_path)])
    ffmpeg_binary.cache_clear()
    assert ffmpeg_binary() == binary
    ffmpeg_binary.cache_clear()


def test_a_working_ffmpeg_is_tried_once(install: Callable[[str], Path], tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    install(f'#!/bin/sh\necho run >>{runs}\nexec {imageio_ffmpeg.get_ffmpeg_exe()} "$@"\n')
    require_ffmpeg()
    require_ffmpeg()
    assert runs.read_text() == "run\n"


@pytest.mark.parametrize(("program", "why"), BROKEN.values(), ids=BROKEN)
def test_an_ffmpeg_that_does_not_decode_the_sample_is_unusable(
    install: Callable[[str], Path], program: str, why: str
) -> None:
    install(program)
    with pytest.raises(FfmpegUnusable) as caught:
        require_ffmpeg()
    assert str(caught.value).startswith(why)


def test_an_ffmpeg_that_works_again_is_noticed(install: Callable[[str], Path]) -> None:
    install(OLD)
    with pytest.raises(FfmpegUnusable):
        require_ffmpeg()
    install(f'#!/bin/sh\nexec {imageio_ffmpeg.get_ffmpeg_exe()} "$@"\n')
    require_ffmpeg()


def test_a_mode_bit_lost_in_unpacking_is_set_again(tmp_path: Path) -> None:
    binary = layer(tmp_path, 0o644)
    assert find_binary([tmp_path, tmp_path / "layer"], tmp_path) == binary
    assert binary.stat().st_mode & 0o777 == 0o755


def test_a_binary_in_a_folder_nobody_may_change_is_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    binary = layer(tmp_path, 0o644)
    change_mode = Path.chmod

    def read_only(path: Path, mode: int) -> None:
        if path == binary:
            raise OSError(30, "Read-only file system")
        change_mode(path, mode)

    monkeypatch.setattr(Path, "chmod", read_only)
    copy = find_binary([tmp_path / "layer"], tmp_path)
    assert copy != binary
    assert copy.read_text() == "#!/bin/sh\n"
    assert copy.stat().st_mode & 0o777 == 0o755
    assert copy.parent.stat().st_mode & 0o077 == 0


def test_a_missing_ffmpeg_is_named(tmp_path: Path) -> None:
    with pytest.raises(FfmpegFailed) as caught:
        find_binary([tmp_path], tmp_path)
    assert caught.value.reason == "missing"
