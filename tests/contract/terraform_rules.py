"""The rules of tflint's terraform ruleset (https://github.com/terraform-linters/tflint-ruleset-terraform) that matter
here, and one of AWS. Each gives the offenders in one root or module, as `file:line name`."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lark import Token

from terraform_source import Block, Node, NotLiteral, call, literal, members, trees

type Rule = Callable[["Folder"], Iterator[str]]

SNAKE_CASE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
LOCAL_SOURCE = re.compile(r"\.\.?/")
PINNED_SOURCE = re.compile(r"[?&]ref=")
# Secrets Manager appends such a suffix to each ARN, and finds a secret by part of its ARN.
ARN_ENDING = re.compile(r"-[A-Za-z0-9]{6}\"$")
# Files that hold each kind of block.
HOME = {"variable": "variables", "output": "outputs", "terraform": "versions"}


@dataclass(frozen=True)
class Folder:
    """A root or a module. `is_module`: the folder has the files that a module is expected to have."""

    files: tuple[Block, ...]
    is_module: bool = True

    def blocks(self, *kinds: str) -> Iterator[Block]:
        """Yield the blocks of some kinds from all files."""
        return (block for file in self.files for block in file.blocks if block.kind in kinds)


def variables_have_a_type(folder: Folder) -> Iterator[str]:
    return (_named(block) for block in folder.blocks("variable") if "type" not in block.arguments)


def variables_are_documented(folder: Folder) -> Iterator[str]:
    return (_named(block) for block in folder.blocks("variable") if not _description(block))


def outputs_are_documented(folder: Folder) -> Iterator[str]:
    return (_named(block) for block in folder.blocks("output") if not _description(block))


def variables_are_used(folder: Folder) -> Iterator[str]:
    for block in folder.blocks("variable"):
        if not any(_mentions(code, f"var.{block.labels[0]}") for code in _code_beside(folder, block.tree)):
            yield _named(block)


def locals_are_used(folder: Folder) -> Iterator[str]:
    for block in folder.blocks("locals"):
        for name, expression in block.arguments.items():
            if not any(_mentions(code, f"local.{name}") for code in _code_beside(folder, expression.tree)):
                yield f"{block.where} {name}"


def data_sources_are_used(folder: Folder) -> Iterator[str]:
    for block in folder.blocks("data"):
        if not any(_mentions(code, f"data.{'.'.join(block.labels)}") for code in _code_beside(folder, block.tree)):
            yield _named(block)


def names_are_snake_case(folder: Folder) -> Iterator[str]:
    for block in folder.blocks("variable", "output", "module", "resource", "data", "locals", "check"):
        for name in block.arguments if block.kind == "locals" else block.labels[-1:]:
            if not SNAKE_CASE.fullmatch(name):
                yield f"{block.where} {name}"


def terraform_has_a_version(folder: Folder) -> Iterator[str]:
    if not any("required_version" in block.arguments for block in folder.blocks("terraform")):
        yield "required_version is missing"


def providers_have_a_source_and_a_version(folder: Folder) -> Iterator[str]:
    for name, settings in _required_providers(folder):
        if settings.keys() < {"source", "version"}:
            yield f"{name} without {', '.join({'source', 'version'} - settings.keys())}"


def used_providers_are_required_and_required_ones_used(folder: Folder) -> Iterator[str]:
    used = {block.labels[0].split("_")[0] for block in folder.blocks("resource", "data", "ephemeral")}
    used |= {block.labels[0] for block in folder.blocks("provider")}
    yield from sorted(used ^ {name for name, _ in _required_providers(folder)})


def modules_are_pinned(folder: Folder) -> Iterator[str]:
    for block in folder.blocks("module"):
        source = str(literal(block.arguments["source"].tree))
        if not (LOCAL_SOURCE.match(source) or PINNED_SOURCE.search(source) or "version" in block.arguments):
            yield _named(block)


def standard_files_are_there(folder: Folder) -> Iterator[str]:
    names = {file.where.partition(":")[0] for file in folder.files}
    expected = {"variables.tf", "outputs.tf", "versions.tf"} | ({"main.tf"} if folder.is_module else set())
    yield from sorted(expected - names)


def blocks_are_in_the_file_named_after_them(folder: Folder) -> Iterator[str]:
    for block in folder.blocks(*HOME):
        if not block.where.startswith(HOME[block.kind]):
            yield f"{block.where} {block.kind}"


def strings_do_more_than_hold_one_reference(folder: Folder) -> Iterator[str]:
    for where, tree in _every(folder, "string"):
        inner = [part for part in tree.children if not isinstance(part, Token)]
        if len(inner) == 1 and any(child.data == "interpolation" for child in trees(inner[0].children)):
            yield where


def comments_begin_with_a_hash(folder: Folder) -> Iterator[str]:
    for where, tree in _every(folder, "new_line_or_comment"):
        for line in "".join(str(token) for token in tree.children).splitlines():
            if line.lstrip().startswith(("//", "/*")):
                yield f"{where} {line.strip()}"


def lists_are_not_compared_with_an_empty_one(folder: Folder) -> Iterator[str]:
    for where, tree in _every(folder, "binary_op"):
        left, term = trees(tree.children)
        operator, right = trees(term.children)
        if operator.children[0] in ("==", "!=") and (_is_empty_list(left) or _is_empty_list(right)):
            yield where


def elements_are_taken_by_brackets(folder: Folder) -> Iterator[str]:
    return (where for where, _ in _every(folder, "short_index"))


def lookups_have_a_default(folder: Folder) -> Iterator[str]:
    for where, tree in _every(folder, "function_call"):
        name, arguments = call(tree) or ("", [])
        if name == "lookup" and len(arguments) < 3:
            yield where


def keys_of_an_object_differ(folder: Folder) -> Iterator[str]:
    for where, tree in _every(folder, "object"):
        try:
            keys = [key for key, _ in members(tree)]
        except NotLiteral:
            continue
        if len(keys) > len(set(keys)):
            yield where


def secrets_are_not_named_like_an_arn(folder: Folder) -> Iterator[str]:
    for block in folder.blocks("resource"):
        if block.labels[0] == "aws_secretsmanager_secret" and ARN_ENDING.search(block.arguments["name"].text):
            yield _named(block)


RULES: dict[str, Rule] = {rule.__name__: rule for rule in (
    variables_have_a_type, variables_are_documented, outputs_are_documented, variables_are_used, locals_are_used,
    data_sources_are_used, names_are_snake_case, terraform_has_a_version, providers_have_a_source_and_a_version,
    used_providers_are_required_and_required_ones_used, modules_are_pinned, standard_files_are_there,
    blocks_are_in_the_file_named_after_them, strings_do_more_than_hold_one_reference, comments_begin_with_a_hash,
    lists_are_not_compared_with_an_empty_one, elements_are_taken_by_brackets, lookups_have_a_default,
    keys_of_an_object_differ, secrets_are_not_named_like_an_arn,
)}  # fmt: skip


def _named(block: Block) -> str:
    return f"{block.where} {'.'.join(block.labels)}"


def _description(block: Block) -> str:
    description = block.arguments.get("description")
    return str(literal(description.tree)).strip() if description else ""


def _required_providers(folder: Folder) -> Iterator[tuple[str, dict[str, Node]]]:
    for block in folder.blocks("terraform"):
        for providers in block.inside("required_providers"):
            for name, expression in providers.arguments.items():
                yield name, dict(members(trees(expression.tree.children)[0]))


def _every(folder: Folder, kind: str) -> Iterator[tuple[str, Node]]:
    for file in folder.files:
        for tree in file.tree.find_data(kind):
            yield f"{file.where.partition(':')[0]}:{tree.meta.line}", tree


def _code_beside(folder: Folder, own: Node) -> Iterator[str]:
    """Yield the code of each file without comments and without the given part."""
    for file in folder.files:
        end, code = 0, []
        for word in _words(file.tree, own):
            code += [" "] * (word.start_pos != end) + [str(word)]
            end = word.end_pos or 0
        yield "".join(code)


def _words(tree: Node, own: Node) -> Iterator[Token]:
    for child in tree.children:
        if isinstance(child, Token):
            yield child
        elif child is not own and child.data != "new_line_or_comment":
            yield from _words(child, own)


def _mentions(code: str, name: str) -> bool:
    return re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", code) is not None


def _is_empty_list(tree: Node) -> bool:
    inner = trees(tree.children)
    return len(inner) == 1 and inner[0].data == "tuple" and not trees(inner[0].children)
