"""The README and docs are true: their commands, links, error codes and metrics exist."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
SOURCES = [ROOT / "lambdas", ROOT / "layers/shared/python/mediagen"]
OPERATING = (ROOT / "docs/operating.md").read_text()
GUIDES = [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md"))]
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("docs/**/*.md")), *sorted(ROOT.glob("*/README.md"))]


def section(title: str) -> str:
    return README.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_every_make_command_they_name_is_in_the_makefile() -> None:
    told = "\n".join(document.read_text() for document in GUIDES)
    named = set(re.findall(r"(?:`|^|\()make (?:-s )?([a-z][a-z-]+)", told, re.MULTILINE))
    targets = set(re.findall(r"^([a-z][a-z -]*):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {"demo", "test", "up", "down"} <= named <= targets


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_inside_the_repository_leads_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", document.read_text())
    missing = [link for link in links if "://" not in link and not leads_somewhere(document, *link.split("#"))]
    assert not missing


def leads_somewhere(document: Path, path: str, heading: str | None = None) -> bool:
    """Return whether a link's file exists, and has the heading that the link names as GitHub does."""
    target = document.parent / path if path else document
    if heading is None or not target.exists():
        return target.exists()
    headings = re.findall(r"^#+ (.+)$", target.read_text(), re.MULTILINE)
    return heading in {re.sub(r"[^\w -]", "", each).lower().replace(" ", "-") for each in headings}


def test_clients_are_shown_to_the_document_and_to_the_errors() -> None:
    told = section("For API clients")
    assert "](docs/openapi.json)" in told and "](docs/errors.md)" in told


def test_every_metric_is_listed() -> None:
    sources = [path for folder in SOURCES for path in folder.glob("**/*.py")]
    written = {name for path in sources for name in re.findall(r'Metric\(\s*"(\w+)"', path.read_text())}
    assert written == set(
        re.findall(r"`([A-Z]\w+)`", OPERATING.partition("### Metrics and alarms")[2].partition("\n## ")[0])
    )


def test_every_log_event_that_the_operators_guide_names_is_written() -> None:
    chapter = OPERATING.partition("## When it breaks")[2].partition("### Metrics")[0]
    named = set(re.findall(r"`([a-z_]+\.[a-z_]+)`", chapter)) - {"metadata.part"}
    text = "".join(path.read_text() for folder in SOURCES for path in sorted(folder.glob("**/*.py")))
    written = set(re.findall(r'"([a-z_]+\.[a-z_]+)"', text))
    # The status is part of these names: f"job.{job.status}".
    composed = tuple(re.findall(r'f"([a-z_]+\.)\{', text))
    assert len(named) > 10 and not {event for event in named - written if not event.startswith(composed)}


def test_plain_make_lists_the_commands() -> None:
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "make demo" in listed and "make test" in listed


def test_the_list_of_decisions_has_each_record_once() -> None:
    listed = re.findall(r"^(\d+)\. \[.*\]\((.*)\)$", (ROOT / "docs/decisions/README.md").read_text(), re.MULTILINE)
    records = sorted(path.name for path in ROOT.glob("docs/decisions/0*.md"))
    assert [name for _, name in listed] == records
    assert [int(number) for number, _ in listed] == [int(name[:4]) for name in records]


@pytest.mark.parametrize("record", sorted(ROOT.glob("docs/decisions/0*.md")), ids=lambda path: path.stem)
def test_a_decision_record_has_its_title_from_the_list_a_status_a_date_and_the_options(record: Path) -> None:
    text = record.read_text()
    title = text.partition("\n")[0].removeprefix("# ").replace(". ", ". [", 1)
    assert f"\n{title}]({record.name})\n" in (ROOT / "docs/decisions/README.md").read_text()
    assert re.search(r"^Status: (accepted|replaced).* Date: \d{4}-\d\d-\d\d\.", text, re.MULTILINE)
    assert re.findall(r"^## (Context|Considered options|Decision|Price)$", text, re.MULTILINE) == [
        "Context",
        "Considered options",
        "Decision",
        "Price",
    ]
