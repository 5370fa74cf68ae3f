"""Reads of all threads start at even intervals, within Replicate's limit."""

from concurrent.futures import ThreadPoolExecutor

from check_replicate_status.spacing import READS_PER_SECOND, Spacing

LIMIT_PER_MINUTE = 3000  # https://replicate.com/docs/topics/predictions/rate-limits


def test_reads_wait_for_their_places() -> None:
    now, waits = [100.0], list[float]()
    spacing = Spacing(4, clock=lambda: now[0], sleep=waits.append)
    for _ in range(3):
        spacing.wait()
    assert waits == [0.25, 0.5]
    now[0] = 200.0
    spacing.wait()
    assert waits == [0.25, 0.5]


def test_threads_share_the_places() -> None:
    waits: list[float] = []
    spacing = Spacing(10, clock=lambda: 0.0, sleep=waits.append)
    with ThreadPoolExecutor(8) as pool:
        for _ in range(81):
            pool.submit(spacing.wait)
    assert round(max(waits), 6) == 8.0
    assert len(set(waits)) == len(waits) == 80


def test_other_functions_keep_a_part_of_the_limit() -> None:
    assert READS_PER_SECOND * 60 <= LIMIT_PER_MINUTE * 0.8
