"""Each function's settings in Terraform: a reader of the little HCL in terraform/functions.tf and stores.tf."""

import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
_NAME = re.compile(r"(?:^|\{)\s*([A-Z][A-Z0-9_]*)\s*=", re.MULTILINE)


def functions() -> dict[str, str]:
    """Return the block of each function, by module name, in the order of the file."""
    found = re.finditer(r'^module "(\w+)" \{', functions_tf(), re.MULTILINE)
    blocks = {match[1]: block(functions_tf(), match.end()) for match in found}
    return {name: text for name, text in blocks.items() if '"./modules/function"' in text}


def environment(text: str) -> set[str]:
    """Return the names of the variables in a function's block and in its locals, in all conditional cases."""
    start = re.search(r"^\s*environment\s*=", text, re.MULTILINE)
    assert start, "a function without an environment"
    return _names(text[start.end() :])


def _names(expression: str) -> set[str]:
    names = set(_NAME.findall(expression))
    for local in re.findall(r"local\.(\w+_environment)", expression):
        definition = re.search(
            rf"^  {local} +=(.*?)(?=^  \w|^}})", functions_tf() + stores_tf(), re.MULTILINE | re.DOTALL
        )
        assert definition, f"local.{local} is in neither file"
        names |= _names(definition[1])
    return names


def argument(text: str, name: str) -> str:
    """Return the source text of a block's argument."""
    found = re.search(rf"^\s*{name}\s*=\s*(.+)$", text, re.MULTILINE)
    assert found, f"{name} is missing"
    return found[1].strip()


def block(text: str, start: int) -> str:
    """Return the text from `start` to the brace that closes the block."""
    depth = 1
    for at in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if not depth:
            return text[start:at]
    raise AssertionError("a brace is not closed")


@cache
def functions_tf() -> str:
    return _without_comments("functions.tf")


@cache
def stores_tf() -> str:
    return _without_comments("stores.tf")


def _without_comments(name: str) -> str:
    return re.sub(r"(^|\s)(#|//).*$", "", (ROOT / "terraform" / name).read_text(), flags=re.MULTILINE)
