"""A result that can be stored only in part: the rest is listed with its reason."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from mediagen.jobs.left_out import LeftOut
from mediagen.jobs.state import Status
from mediagen.jobs.transition import Change
from mediagen.media.download import Source
from mediagen.media.errors import OutputUnavailable
from mediagen.outbound.addresses import HostRules
from mediagen.times import iso
from process_webhook.flow import LAST_CHANCE, ending
from process_webhook.storing import Store
from unit.conftest import Logged
from unit.process_webhook.test_ending import FOREIGN, PNG, PNG_URI, Bucket
from unit.samples import NOW, job, prediction

UNREACHABLE = "https://replicate.delivery/a.png"
JUST_NOW = iso(NOW - timedelta(seconds=5))
LONG_AGO = iso(NOW - LAST_CHANCE)


def unreachable(_name: str) -> Sequence[str]:
    """Resolve nothing."""
    raise OSError("no such name at present")


def stored(output: Any, *, completed_at: str = JUST_NOW, max_outputs: int = 64) -> tuple[Status, Change, Bucket]:
    """Return the transition of a job with this output."""
    bucket = Bucket()
    source = Source(HostRules.parse(["replicate.delivery"]), resolve=unreachable)
    store = Store(bucket, source, len(PNG), max_outputs, 5, lambda: 60.0, is_last_receive=True)
    told = prediction(output=output, completed_at=completed_at)
    status, change = ending(job(Status.PROCESSING), told, clock=lambda: NOW, store=store)
    return status, change, bucket


def originals(change: Change) -> list[str]:
    """List the stored original files."""
    return [output.key.rpartition("/")[2] for output in change.outputs if output.kind == "original"]


def test_available_files_are_stored_and_the_rest_is_listed_with_its_position(logged: Logged) -> None:
    status, change, bucket = stored([FOREIGN, PNG_URI, {"image": "data:image/png;base64,%%%"}])
    assert status is Status.COMPLETED
    assert change.left_out == (LeftOut(1, "output_host_refused"), LeftOut(3, "output_not_media"))
    assert originals(change) == ["original-2.png"]
    described = json.loads(bucket.bodies[change.outputs[-1].key])
    assert described["partial"] is True
    assert described["leftOut"] == [left_out.document() for left_out in change.left_out]
    [line] = [line for line in logged() if line["action"] == "media.stored"]
    assert line["OutputsLeftOut"] == 2


def test_files_beyond_the_limit_are_listed_as_one_entry() -> None:
    _, change, _ = stored([PNG_URI, *(f"{FOREIGN}?{number}" for number in range(7))], max_outputs=3)
    assert change.left_out[-1] == LeftOut(4, "too_many_outputs", 5)
    assert len(originals(change)) + sum(left_out.count for left_out in change.left_out) == 8


def test_an_unreachable_file_is_tried_again_while_replicate_keeps_it() -> None:
    with pytest.raises(OutputUnavailable):
        stored([PNG_URI, UNREACHABLE])


def test_shortly_before_replicate_deletes_the_files_an_unreachable_one_is_left_out() -> None:
    status, change, _ = stored([UNREACHABLE, PNG_URI], completed_at=LONG_AGO)
    assert (status, change.left_out) == (Status.COMPLETED, (LeftOut(1, "output_unavailable"),))


def test_a_result_of_which_nothing_is_reachable_is_tried_again_at_any_time() -> None:
    with pytest.raises(OutputUnavailable):
        stored([UNREACHABLE, FOREIGN], completed_at=LONG_AGO)


def test_a_whole_result_leaves_nothing_out() -> None:
    assert stored({"video": PNG_URI})[1].left_out == ()
