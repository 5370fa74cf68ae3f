"""A person's yes, or that of a pipeline: CONFIRM=<prefix>."""

import sys
from collections.abc import Mapping

from common.problems import SetupProblem


def expect_answer(prefix: str, environ: Mapping[str, str]) -> bool:
    """Tell whether the yes is given already. Raises SetupProblem when nobody is there to give it."""
    given = environ.get("CONFIRM", "")
    if given and given != prefix:
        raise SetupProblem(f"CONFIRM={given} is not {prefix}: nothing was changed")
    if not given and not sys.stdin.isatty():
        raise SetupProblem(f"no terminal to ask for confirmation, nothing was changed: set CONFIRM={prefix}")
    return bool(given)


def confirm(question: str, answer: str, *, prefix: str, environ: Mapping[str, str]) -> None:
    """Ask for exactly `answer`, unless CONFIRM has said it; raise SetupProblem for anything else."""
    if expect_answer(prefix, environ):
        return
    try:
        said = input(question)
    except EOFError:
        said = ""
    if said.strip() != answer:
        raise SetupProblem("not confirmed: nothing was changed")
