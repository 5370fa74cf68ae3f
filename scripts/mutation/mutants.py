"""Make mutants of a module, by mutmut's operators and two of our own.

mutmut itself skips code outside functions and functions with decorators: the table of the state machine,
every limit, properties. Here a mutant is a whole file, so nothing needs to be left out.
"""

import difflib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import libcst as cst
from mutmut.mutation.mutators import mutation_operators, operator_string

# Skipped: what only the type checker notices, and len(None), which is killed wherever it is reached.
_LEFT_ALONE = (cst.Annotation, cst.Decorator, cst.Import, cst.ImportFrom, cst.TypeAlias, cst.TypeParameters)
_OF_NO_INTEREST = ("len", "isinstance")

type Operator = Callable[[cst.CSTNode], Iterable[cst.CSTNode]]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A module's whole source with one change; `was` and `becomes` are the changed lines."""

    was: str
    becomes: str
    source: str


def mutants(code: str) -> Iterator[Mutant]:
    """Yield every mutant of a module's source, each once."""
    module = cst.parse_module(code)
    seen = {code}
    for node in _walk(module):
        for changed in _changes(node):
            source = module.deep_replace(node, changed).code
            if source not in seen:
                seen.add(source)
                yield _told(code, source)


def _walk(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    if isinstance(node, _LEFT_ALONE) or _is_docstring(node) or _is_prose(node):
        return
    if isinstance(node, cst.Call) and _is_of_no_interest(node):
        return
    yield node
    for child in node.children:
        yield from _walk(child)


def _is_of_no_interest(call: cst.Call) -> bool:
    is_told = bool(call.args) and all(_is_prose(argument.value) for argument in call.args)
    return is_told or (isinstance(call.func, cst.Name) and call.func.value in _OF_NO_INTEREST)


def _is_prose(node: cst.CSTNode) -> bool:
    """Return whether a text is prose, whose wording no test has to fix."""
    return isinstance(node, cst.FormattedString) or (
        isinstance(node, cst.SimpleString) and " " in node.value.strip(' "')
    )


def _is_docstring(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Expr) and isinstance(node.value, cst.SimpleString)


def _changes(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    for kind, operator in mutation_operators:
        if isinstance(node, kind):
            # One mutant per text is enough; mutmut's other two change its case.
            yield from islice(operator(node), 1) if operator is operator_string else operator(node)
    yield from _without_an_element(node)
    yield from _without_the_statement(node)


def _without_an_element(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Remove one element of a set, list or dict."""
    if isinstance(node, cst.Set | cst.List | cst.Dict) and len(node.elements) > 1:
        for left_out in node.elements:
            yield node.with_changes(elements=[one for one in node.elements if one is not left_out])


def _without_the_statement(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Replace a call or raise statement with `pass`."""
    if isinstance(node, cst.Raise) or (isinstance(node, cst.Expr) and isinstance(node.value, cst.Call)):
        yield cst.Pass()


def _told(code: str, source: str) -> Mutant:
    changes = list(difflib.ndiff(code.splitlines(), source.splitlines()))
    was, becomes = (" ".join(line[2:].strip() for line in changes if line.startswith(sign)) for sign in ("- ", "+ "))
    return Mutant(was, becomes, source)
