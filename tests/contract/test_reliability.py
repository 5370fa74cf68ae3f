"""The reliability page quotes the figures of a complete fault run."""

from integration.flows.faults.cases import every_case
from soak import BEGIN, END, PAGE, with_table


def test_the_table_is_put_between_its_marks() -> None:
    faults = {"killed before": {"cases": 2, "broken": 0, "minutes": 7}}
    figures = {"faults": faults, "flows": 1, "steps": 3, "meanwhile": 4, "histories": 5, "history_steps": 6, "seed": 9}
    page = with_table(f"before {BEGIN}old{END} after", figures)
    assert "| killed before | 2 | 0 | 7 min |" in page and "old" not in page
    assert "6 steps of 5 histories (seed 9)" in page
    assert page.startswith("before ") and page.endswith(" after")


def test_the_page_lists_every_case() -> None:
    shown = PAGE.read_text().partition(BEGIN)[2].partition(END)[0]
    assert f", {len(list(every_case()))} cases;" in shown, "make soak"
    assert "| 0 |" in shown
