"""docs/aws.md: the checklist of the first apply has commands that exist, in an order that works."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/aws.md").read_text()
CHAPTER = "From an empty account to the first generation"
STEPS = [line for line in PAGE.partition("## The first apply")[2].splitlines() if re.match(r"\| \d+ \|", line)]


def targets(text: str) -> list[str]:
    return list(dict.fromkeys(re.findall(r"make (?:-s )?([a-z]+) ENV=dev", text)))


def test_the_steps_follow_the_readme_and_end_with_destroy() -> None:
    chapter = (
        (ROOT / "README.md").read_text().partition(f"# {CHAPTER}\n")[2].partition("```sh\n")[2].partition("```")[0]
    )
    commands = [line.split("|")[2] for line in STEPS]
    assert targets("\n".join(commands)) == [*targets(chapter), "destroy"]


def test_the_checklist_has_about_twenty_numbered_steps() -> None:
    assert [int(line.split("|")[1]) for line in STEPS] == list(range(1, len(STEPS) + 1))
    assert 18 <= len(STEPS) <= 24
    assert all(line.count("|") == 5 and all(cell.strip() for cell in line.split("|")[1:5]) for line in STEPS)


def test_its_calls_of_the_api_are_in_the_document() -> None:
    document = json.loads((ROOT / "docs/openapi.json").read_text())
    calls = re.findall(r"`GET (/\S+)\?(\w+)=(\w+)`", PAGE)
    assert calls
    for path, name, value in calls:
        parameters = {each["name"]: each for each in document["paths"][path]["get"]["parameters"]}
        assert value in parameters[name]["schema"]["enum"]
    posted = re.findall(r"curl -X POST \$API(/\S+)", PAGE)
    assert posted and all("post" in document["paths"][path] for path in posted)
