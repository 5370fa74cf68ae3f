"""Best-effort parts: their failures are logged and counted, and the work goes on."""

import pytest

from mediagen import log
from mediagen.degraded import degraded
from unit.conftest import Logged


def test_a_failed_part_is_logged_and_counted_and_the_work_goes_on(logged: Logged) -> None:
    with degraded("cache", subject=log.Subject("job")) as part:
        raise ZeroDivisionError
    assert not part.succeeded
    [line] = logged()
    assert (line["action"], line["part"], line["Degraded"], line["jobId"]) == ("degraded", "cache", 1, "job")


def test_a_part_that_works_is_not_logged(logged: Logged) -> None:
    with degraded("cache") as part:
        pass
    assert part.succeeded
    assert logged() == []


@pytest.mark.parametrize("signal", [KeyboardInterrupt, SystemExit])
def test_a_signal_that_ends_the_process_is_not_caught(signal: type[BaseException], logged: Logged) -> None:
    with pytest.raises(signal), degraded("cache"):
        raise signal
    assert logged() == []
