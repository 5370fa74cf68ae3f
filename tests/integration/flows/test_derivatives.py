"""ffmpeg fails: the paid original is kept, and missing derivatives are counted."""

import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from imageio_ffmpeg import get_ffmpeg_exe

from integration.conftest import Logged
from integration.flows.world import World
from mediagen.jobs.state import Status
from mediagen.wiring.clients import MAX_RECEIVES

FFMPEG = get_ffmpeg_exe()
NO_DERIVATIVES = f'#!/bin/sh\ncase "$*" in *thumbnail*) echo "Error: no" >&2; exit 1;; esac\nexec {FFMPEG} "$@"\n'
PROGRAMS = {
    "fails": (NO_DERIVATIVES, "exit"),
    "crashes": (NO_DERIVATIVES.replace("exit 1", "kill -SEGV $$"), "killed"),
    "hangs": (NO_DERIVATIVES.replace("exit 1", "exec sleep 60"), "timeout"),
    "writes nothing": (NO_DERIVATIVES.replace("exit 1", "exit 0"), "exit"),
}
OLD = "#!/bin/sh\necho 'fd:: Protocol not found' >&2\nexit 1\n"
UNUSABLE = {
    "old": (OLD, "exit: exit 1: fd:: Protocol not found"),
    "broken": ("\x7fELF", "not_runnable: "),
    "missing": ("", "missing: no layer has a bin/ffmpeg"),
}

type Install = Callable[..., None]


@pytest.fixture
def install(
    world: World, restart: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., None]:
    """Start a container whose layer has this ffmpeg program; an empty one means a layer without ffmpeg."""
    monkeypatch.setattr("mediagen.media.ffmpeg_binary.LAYERS", tmp_path)

    def installed(program: str, **environment: str) -> None:
        monkeypatch.setattr("sys.path", [entry for entry in sys.path if not Path(entry, "bin", "ffmpeg").exists()])
        if program:
            write_program(tmp_path / "bin" / "ffmpeg", program)
        restart(**environment)

    return installed


def write_program(path: Path, program: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(program)
    path.chmod(stat.S_IRWXU)


@pytest.mark.parametrize(("program", "reason"), PROGRAMS.values(), ids=list(PROGRAMS))
def test_a_derivative_that_cannot_be_made_never_fails_the_job(
    world: World, install: Install, logged: Logged, program: str, reason: str
) -> None:
    install(program, DERIVATIVE_TIMEOUT_SECONDS="1" if reason == "timeout" else "30")
    job = world.settled(world.accepted())
    assert job.status is Status.COMPLETED
    assert [output.kind for output in job.outputs] == ["original", "metadata"]
    [failed] = [line for line in logged() if line["action"] == "derivative.failed"]
    assert (failed["DerivativesFailed"], failed["kind"], failed["reason"]) == (1, "thumbnail", reason)


@pytest.mark.parametrize(("program", "why"), UNUSABLE.values(), ids=list(UNUSABLE))
def test_an_unusable_ffmpeg_fails_no_job_and_judges_no_file(
    world: World, install: Install, logged: Logged, program: str, why: str
) -> None:
    install(program)
    job_id = world.accepted()
    message = world.take("webhooks")
    for receives in range(1, MAX_RECEIVES):
        assert not world.hand_over("webhooks", message, receives=receives)
    assert world.hand_over("webhooks", message, receives=MAX_RECEIVES)
    job = world.job(job_id)
    assert (job.status, job.outputs[0].width) == (Status.COMPLETED, None)
    assert [output.kind for output in job.outputs] == ["original", "metadata"]
    unusable = [line for line in logged() if line["action"] == "ffmpeg.unusable"]
    assert [line["FfmpegUnusable"] for line in unusable] == [1] * MAX_RECEIVES
    assert all(line["error"].startswith(why) for line in unusable)
    assert not [line for line in logged() if line["action"] == "derivative.failed"]


def test_a_job_is_completed_as_usual_once_ffmpeg_works_again(world: World, install: Install) -> None:
    install(OLD)
    job_id = world.accepted()
    message = world.take("webhooks")
    assert not world.hand_over("webhooks", message)
    install(f'#!/bin/sh\nexec {FFMPEG} "$@"\n')
    assert world.hand_over("webhooks", message, receives=2)
    assert [output.kind for output in world.job(job_id).outputs] == ["original", "thumbnail", "metadata"]


def test_a_preview_is_kept_when_only_the_thumbnail_fails(world: World, install: Install) -> None:
    install(NO_DERIVATIVES)
    job = world.settled(world.accepted(model="video/stability-video"))
    assert [output.kind for output in job.outputs] == ["original", "preview", "metadata"]
