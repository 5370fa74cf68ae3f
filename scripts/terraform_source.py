"""Terraform's source as a tree: blocks, arguments as they are written, and the values of literals."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

import hcl2
from lark import Token, Tree

type Node = Tree[Token]

_ESCAPE = re.compile(r"\\[nt\"\\]|\$\$\{|%%\{")
_ESCAPES = {r"\n": "\n", r"\t": "\t", r"\"": '"', r"\\": "\\", "$${": "${", "%%{": "%{"}
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


class NotLiteral(ValueError):
    """An expression that only Terraform can evaluate."""


@dataclass(frozen=True)
class Expression:
    """What stands to the right of an argument's name."""

    text: str
    tree: Node


@dataclass(frozen=True)
class Block:
    """A block, or a whole file. `where` is the file and the line."""

    kind: str
    labels: tuple[str, ...]
    arguments: dict[str, Expression]
    blocks: tuple["Block", ...]
    where: str
    tree: Node

    def inside(self, kind: str) -> Iterator["Block"]:
        """Give the blocks of a kind, in their order."""
        return (block for block in self.blocks if block.kind == kind)


def parse(text: str, name: str) -> Block:
    """Read one file. Raises lark's errors where it is not HCL."""
    tree = hcl2.parses_to_tree(text)
    (body,) = trees(tree.children)
    return _block("file", (), body, text, name, 1)


def read_folder(folder: Path) -> list[Block]:
    """Read the .tf files of a root or a module, each as one block."""
    return [parse(path.read_text(), path.name) for path in sorted(folder.glob("*.tf"))]


def trees(children: list[Node | Token]) -> list[Node]:
    """Leave out tokens and the empty lines and comments that the parser keeps."""
    return [child for child in children if isinstance(child, Tree) and child.data != "new_line_or_comment"]


def _block(kind: str, labels: tuple[str, ...], body: Node, text: str, name: str, line: int) -> Block:
    arguments: dict[str, Expression] = {}
    blocks: list[Block] = []
    for child in trees(body.children):
        *head, last = trees(child.children)
        if child.data == "attribute":
            source = text[last.meta.start_pos : last.meta.end_pos]
            arguments[_word(head[0])] = Expression(source, last)
        else:
            words = [_word(word) for word in head]
            blocks.append(_block(words[0], tuple(words[1:]), last, text, name, child.meta.line))
    return Block(kind, labels, arguments, tuple(blocks), f"{name}:{line}", body)


def _word(tree: Node) -> str:
    return str(literal(tree)) if tree.data == "string" else str(tree.children[0])


def literal(tree: Node) -> Any:
    """Give the value of an expression without references and operators. Raises NotLiteral."""
    match str(tree.data):
        case "expr_term" if len(trees(tree.children)) == 1:
            return literal(trees(tree.children)[0])
        case "int_lit":
            return int(str(tree.children[0]))
        case "float_lit":
            return float(str(tree.children[0]))
        case "literal_value":
            return _WORDS[str(tree.children[0])]
        case "string":
            return "".join(_text(part) for part in tree.children if isinstance(part, Tree))
        case "heredoc_template_trim":
            return dedent("\n".join(str(tree.children[0]).splitlines()[1:-1])) + "\n"
        case "tuple":
            return [literal(child) for child in trees(tree.children)]
        case "object":
            return {key: literal(value) for key, value in members(tree)}
    raise NotLiteral(f"{tree.data} in line {tree.meta.line}")


def _text(part: Node) -> str:
    (token,) = part.children
    if isinstance(token, Tree):
        raise NotLiteral("a string with references")
    return _ESCAPE.sub(lambda found: _ESCAPES[found[0]], str(token))


def members(tree: Node) -> Iterator[tuple[str, Node]]:
    """Give the keys and values of an object. Raises NotLiteral where a key is not a word."""
    for member in trees(tree.children):
        key, value = trees(member.children)
        (term,) = trees(key.children)
        (word,) = trees(term.children)
        if word.data not in ("identifier", "string"):
            raise NotLiteral(f"a computed key in line {member.meta.line}")
        yield _word(word), value


def call(tree: Node) -> tuple[str, list[Node]] | None:
    """Give the function's name and the arguments of a call; None for anything else."""
    inner = trees(tree.children)
    if tree.data == "expr_term" and len(inner) == 1:
        return call(inner[0])
    if tree.data != "function_call":
        return None
    name, *arguments = inner
    return _word(name), trees(arguments[0].children) if arguments else []


def values_of(tfvars: Block, root: list[Block]) -> dict[str, Any]:
    """Return the value of each variable that is given or has a default, completed by the type of the variable."""
    given = {name: literal(expression.tree) for name, expression in tfvars.arguments.items()}
    declared = {block.labels[0]: block.arguments for file in root for block in file.inside("variable")}
    return {
        name: completed(given[name] if name in given else literal(variable["default"].tree), variable["type"].tree)
        for name, variable in declared.items()
        if "type" in variable and (name in given or "default" in variable)
    }


def completed(given: Any, kind: Node) -> Any:
    """Fill a value with the defaults that `optional(...)` gives in its type, as Terraform does."""
    match call(kind):
        case ("object", [term]) if isinstance(given, dict):
            (fields,) = trees(term.children)
            return {name: _field(given.get(name), field) for name, field in members(fields)}
        case ("map", [kind_of_values]) if isinstance(given, dict):
            return {name: completed(value, kind_of_values) for name, value in given.items()}
    return given


def _field(given: Any, kind: Node) -> Any:
    match call(kind):
        case ("optional", [inner]):
            return completed(given, inner)
        case ("optional", [inner, default]):
            return completed(literal(default) if given is None else given, inner)
    return completed(given, kind)


def strangers(given: Any, kind: Node, place: str) -> Iterator[str]:
    """Find what a value has and its type has not: Terraform drops such attributes of an object without a word."""
    match call(kind):
        case ("optional", [inner, *_]):
            yield from strangers(given, inner, place)
        case ("object", [term]) if isinstance(given, dict):
            (fields,) = trees(term.children)
            known = dict(members(fields))
            for name, value in given.items():
                if name in known:
                    yield from strangers(value, known[name], f"{place}.{name}")
                else:
                    yield f"{place} has no {name}, only {', '.join(known)}"
        case ("map", [inner]) if isinstance(given, dict):
            for name, value in given.items():
                yield from strangers(value, inner, f"{place}.{name}")


def misspelt(values: Block, root: list[Block]) -> Iterator[str]:
    """Find what a .tfvars file gives and the root's variables do not take."""
    variables = {block.labels[0]: block for file in root for block in file.inside("variable")}
    for name, expression in values.arguments.items():
        if name not in variables:
            yield f"there is no variable {name}"
        elif kind := variables[name].arguments.get("type"):
            yield from strangers(literal(expression.tree), kind.tree, name)
