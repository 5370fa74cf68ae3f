"""ffmpeg in trouble: the file somebody paid for is kept, what could not be made from it is counted."""

from collections.abc import Callable
from pathlib import Path

import pytest
from imageio_ffmpeg import get_ffmpeg_exe

from integration.flows.world import Logged, World
from mediagen.states import Status

FFMPEG = get_ffmpeg_exe()
NO_DERIVATIVES = f'#!/bin/sh\ncase "$*" in *thumbnail*) echo "Error: no" >&2; exit 1;; esac\nexec {FFMPEG} "$@"\n'
PROGRAMS = {
    "fails": (NO_DERIVATIVES, "exit"),
    "crashes": (NO_DERIVATIVES.replace("exit 1", "kill -SEGV $$"), "killed"),
    "hangs": (NO_DERIVATIVES.replace("exit 1", "exec sleep 60"), "timeout"),
    "writes nothing": (NO_DERIVATIVES.replace("exit 1", "exit 0"), "exit"),
    "is no program": ("\x7fELF", "not_runnable"),
}


@pytest.mark.parametrize(("program", "reason"), PROGRAMS.values(), ids=list(PROGRAMS))
def test_a_derivative_that_cannot_be_made_never_fails_the_job(
    world: World, restart: Callable[..., None], logged: Logged, tmp_path: Path, program: str, reason: str
) -> None:
    binary = tmp_path / "ffmpeg"
    binary.write_text(program)
    binary.chmod(0o755)
    restart(PATH=f"{tmp_path}:/usr/bin:/bin", DERIVATIVE_TIMEOUT_SECONDS="1" if reason == "timeout" else "30")
    job = world.settled(world.accepted())
    assert job.status is Status.COMPLETED
    assert [output.kind for output in job.outputs] == ["original", "metadata"]
    [failed] = [line for line in logged() if line["action"] == "derivative.failed"]
    assert (failed["DerivativesFailed"], failed["kind"], failed["reason"]) == (1, "thumbnail", reason)


def test_without_ffmpeg_the_file_is_kept_unmeasured(
    world: World, restart: Callable[..., None], logged: Logged, tmp_path: Path
) -> None:
    restart(PATH=str(tmp_path))
    job = world.settled(world.accepted())
    assert (job.status, job.outputs[0].width) == (Status.COMPLETED, None)
    assert {line["metadata"]["part"] for line in logged() if line["action"] == "degraded"} == {"inspection"}


def test_a_preview_is_kept_when_only_the_thumbnail_fails(
    world: World, restart: Callable[..., None], tmp_path: Path
) -> None:
    binary = tmp_path / "ffmpeg"
    binary.write_text(NO_DERIVATIVES)
    binary.chmod(0o755)
    restart(PATH=f"{tmp_path}:/usr/bin:/bin")
    job = world.settled(world.accepted(model="video/stability-video"))
    assert [output.kind for output in job.outputs] == ["original", "preview", "metadata"]
