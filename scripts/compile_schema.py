"""Generate request_validator.py from the request.schema.json beside it: no compiling at a cold start.

One check per property, so that everything wrong with a request can be reported at once.
"""

import argparse
import ast
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import fastjsonschema

HEADER = '''\
"""Generated from request.schema.json by scripts/compile_schema.py: do not edit."""

from collections.abc import Callable

from mediagen.http.validation import InvalidValue as JsonSchemaValueException
'''
# Named where a check tries others; raised only by validators that gather all errors, which ours are not.
GATHERED = "JsonSchemaValuesException"
ROOT_CHECK = "validate"  # the generator's check of the whole, which only calls the others


def generate(schema: Mapping[str, Any]) -> str:
    """Give the source of the validator: PROPERTIES (a check by name) and REQUIRED (names)."""
    names = list(schema["properties"])
    # A reference makes the generator write a function of its own, so each property becomes one.
    references = [{"$ref": f"#/definitions/{index}"} for index in range(len(names))]
    whole = {
        "$schema": schema["$schema"],
        "$defs": schema.get("$defs", {}),
        "definitions": {str(index): schema["properties"][name] for index, name in enumerate(names)},
        "allOf": references,
    }
    code = fastjsonschema.compile_to_code(whole, use_default=False)
    checks = [f"    {name!r}: validate___definitions_{index}," for index, name in enumerate(names)]
    needed = list(_needed(ast.parse(code)))
    return "\n".join(
        [
            HEADER,
            *([f"{GATHERED} = JsonSchemaValueException\n"] if any(GATHERED in part for part in needed) else []),
            *needed,
            "PROPERTIES: dict[str, Callable[..., object]] = {",
            *checks,
            "}",
            f"REQUIRED: tuple[str, ...] = {tuple(schema.get('required', ()))!r}",
            "",
        ]
    )


def _needed(module: ast.Module) -> Iterator[str]:
    """Give the statements that the checks use; an unused import would be paid at every cold start."""
    functions = [node for node in module.body if isinstance(node, ast.FunctionDef) and node.name != ROOT_CHECK]
    used = {node.id for function in functions for node in ast.walk(function) if isinstance(node, ast.Name)}
    others = [node for node in module.body if not isinstance(node, ast.FunctionDef)]
    helpers = [node for node in others if isinstance(node, ast.Assign) and used & _names(node.targets)]
    used |= {node.id for helper in helpers for node in ast.walk(helper) if isinstance(node, ast.Name)}
    for node in others:
        if isinstance(node, ast.Import) or (isinstance(node, ast.ImportFrom) and node.module != "fastjsonschema"):
            node.names = [alias for alias in node.names if alias.name in used]
            if node.names:
                yield ast.unparse(node)
    for statement in (*helpers, *functions):
        yield f"{ast.unparse(statement)}\n"


def _names(targets: list[ast.expr]) -> set[str]:
    return {target.id for target in targets if isinstance(target, ast.Name)}


def main() -> None:
    """Generate from the schema and to the module named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("schema", type=Path)
    parser.add_argument("module", type=Path)
    paths = parser.parse_args()
    paths.module.write_text(generate(json.loads(paths.schema.read_text())))


if __name__ == "__main__":
    main()
