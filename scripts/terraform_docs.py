"""Write the tables of inputs and outputs into the READMEs of Terraform's roots and modules: `make docs`."""

import argparse
import re
import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path

from terraform_source import Block, Expression, literal, read_folder

TERRAFORM = Path(__file__).parents[1] / "terraform"
BEGIN, END = "<!-- inputs and outputs -->", "<!-- end -->"
LONGEST_DEFAULT = 60  # characters; a longer one is read where it stands


def folders() -> list[Path]:
    """Give both roots and every module."""
    return [TERRAFORM, TERRAFORM / "bootstrap", *sorted(path.parent for path in TERRAFORM.glob("modules/*/main.tf"))]


def current(readme: str, files: list[Block]) -> str:
    """Give a README with the tables as they should be, at its end unless it has the markers elsewhere."""
    if BEGIN not in readme:
        readme = f"{readme.rstrip()}\n\n{BEGIN}\n{END}\n"
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{tables(files)}\n{END}{after}"


def tables(files: list[Block]) -> str:
    """Describe variables and outputs in the order of the source."""
    variables = [_input(block) for file in files for block in file.inside("variable")]
    outputs = [_output(block) for file in files for block in file.inside("output")]
    return "".join(
        [
            *_table("Inputs", ("name", "type", "default", "description"), variables),
            *_table("Outputs", ("name", "description"), outputs),
        ]
    )


def _table(title: str, heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> Iterator[str]:
    if rows:
        yield f"\n## {title}\n\n"
        for row in (heads, ("---",) * len(heads), *rows):
            yield f"| {' | '.join(row)} |\n"


def _input(block: Block) -> tuple[str, ...]:
    arguments = block.arguments
    kind = _code(arguments["type"]) if "type" in arguments else ""
    return f"`{block.labels[0]}`", kind, _default(block), _description(block)


def _output(block: Block) -> tuple[str, ...]:
    return f"`{block.labels[0]}`", _description(block)


def _default(block: Block) -> str:
    default = block.arguments.get("default")
    if default is None:
        return "required"
    if len(default.text) > LONGEST_DEFAULT or "\n" in default.text:
        file = block.where.partition(":")[0]
        return f"see [{file}]({file})"
    return _code(default)


def _description(block: Block) -> str:
    text = " ".join(str(literal(block.arguments["description"].tree)).split()).replace("|", r"\|")
    # Between backticks Markdown takes everything as it is.
    return "`".join(part if place % 2 else escape(part, quote=False) for place, part in enumerate(text.split("`")))


def _code(expression: Expression) -> str:
    first, *rest = expression.text.rstrip().splitlines()
    if not rest:
        return f"`{first}`".replace("|", r"\|")
    indent = len(rest[-1]) - len(rest[-1].lstrip())
    lines = [escape(line, quote=False) for line in (first, *(line[indent:] for line in rest))]
    # Markdown goes on inside <pre>.
    return f"<pre>{re.sub(r'([|*`])', r'\\\1', '<br>'.join(lines))}</pre>"


def main() -> int:
    """Write the READMEs, or with --check only compare; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail if a README is not current, change nothing")
    check: bool = parser.parse_args().check
    stale = [folder for folder in folders() if not _is_current(folder / "README.md", write=not check)]
    for folder in stale:
        print(
            f"{folder.relative_to(TERRAFORM.parent)}/README.md {'is outdated: run make docs' if check else 'written'}"
        )
    return 1 if check and stale else 0


def _is_current(readme: Path, *, write: bool) -> bool:
    text = readme.read_text() if readme.exists() else f"# {readme.parent.name}\n"
    wanted = current(text, read_folder(readme.parent))
    if write and wanted != text:
        readme.write_text(wanted)
    return wanted == text


if __name__ == "__main__":
    sys.exit(main())
