"""Progress, parsed from a prediction's logs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from check_replicate_status.logged_progress import logged_percent
from replicate_simulator.lifecycle import tqdm_line

BAR = " 45%|####5     | 9/20 [00:01<00:01, 9.2it/s]"


@pytest.mark.parametrize(
    ("logs", "percent"),
    [
        (BAR, 45),
        (f"Using seed: 42\n  0%|          | 0/20 [00:00<?, ?it/s]\r{BAR}", 45),
        (f"{BAR}\n100%|██████████| 20/20 [00:02<00:00]\n  5%|5         | 1/20\nSaving", 5),
        ("Step: 12%|x| 3/25", 12),
        ("x" * 5_000_000 + "\n" + BAR, 45),
        ("999%|x| 1/2", 100),
        (BAR + "\n" + "x" * 20_000, None),
        ("45% done", None),
        ("45%|####", None),
        ("1234%|####| 1/2", None),
        ("", None),
        (None, None),
        (["45%"], None),
    ],
)
def test_the_newest_progress_bar_counts(logs: object, percent: int | None) -> None:
    assert logged_percent(logs) == percent


@given(st.integers(1, 500), st.data())
def test_every_step_of_a_bar_is_read(steps: int, data: st.DataObject) -> None:
    step = data.draw(st.integers(0, steps))
    assert logged_percent("loading\n" + tqdm_line(step, steps)) == 100 * step // steps


@given(st.text())
def test_any_text_is_read_without_an_error(logs: str) -> None:
    logged_percent(logs)
