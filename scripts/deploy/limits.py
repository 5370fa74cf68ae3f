"""Limits of one user: show them, and set those that are given."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping
from typing import Any

from common.problems import SetupProblem
from deploy.access import deployer, users_of_name
from deploy.preflight import Needs, Place, ready

DEFAULT = "default"
# Option -> the limit's name, the parser of its value, and its description.
GIVEN: dict[str, tuple[str, Callable[[str], object], str]] = {
    "rate": ("ratePerHour", int, "generations started in an hour"),
    "concurrent": ("concurrentJobs", int, "jobs that run at a time"),
    "budget": ("monthlyBudget", float, "US dollars in a calendar month (UTC)"),
}


def limits(given: Namespace, place: Place) -> None:
    """show a user's limits, or set them: RATE, CONCURRENT and BUDGET, each a number or `default`"""
    name, wanted = given.user.strip(), read_wanted(vars(given))
    environment = given.environment or "homolog"
    if not name:
        raise SetupProblem(f"USER is missing: for example make limits ENV={environment} USER=alice BUDGET=25")
    functions = deployer(ready(place, given.environment, "limits", Needs.NOTHING))
    found = users_of_name(functions, name)
    if not found:
        raise SetupProblem(f"there is no user {name}: create it with make access ENV={environment} USER=…")
    own = found[0]["limits"]
    if wanted:
        own = functions.manage_access("set-limits", userId=found[0]["userId"], **wanted)["limits"]
    for line in told(name, own):
        place.progress.note(line)


def read_wanted(given: Mapping[str, Any]) -> dict[str, object]:
    """Read the given limits; `default` becomes null. Raises SetupProblem if one is not a number."""
    wanted: dict[str, object] = {}
    for option, (limit, read, what) in GIVEN.items():
        text = str(given[option]).strip()
        if not text:
            continue
        try:
            wanted[limit] = None if text == DEFAULT else read(text)
        except ValueError:
            raise SetupProblem(
                f"{option.upper()}={text} is not a number of {what}: give a number, or {DEFAULT}"
            ) from None
    return wanted


def told(name: str, own: Mapping[str, Any]) -> list[str]:
    """Format a user's limits, one per line."""
    lines = [f"{name} may have:"]
    for option, (limit, _, what) in GIVEN.items():
        shown = "the platform's default" if own[limit] is None else f"{own[limit]:g}"
        lines.append(f"  {option.upper():<10} {shown} ({what})")
    return lines


def add_options(parser: ArgumentParser) -> None:
    for option, (_, _, what) in GIVEN.items():
        parser.add_argument(f"--{option}", default="", metavar="NUMBER", help=f"{what}; or {DEFAULT}")
