"""Dead letters: what lies there, and back into its queue with it."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from datetime import UTC, datetime

from common.problems import SetupProblem
from common.tables import table
from deploy.confirm import confirm
from deploy.dead_letters import QUEUES, DeadLetters, age
from deploy.preflight import Deployment, Needs, Place, ready

ALL = "all"
SHOWN = 20  # more is no reading for anybody
NEXT = "Next: what fails again is in the consumer's log as unexpected_error, and after five tries here once more."


def redrive(given: Namespace, place: Place) -> None:
    """show what a dead-letter queue holds, and bring it back into its queue after a yes or CONFIRM=<prefix>"""
    deployment = ready(place, given.environment, "redrive", Needs.NOTHING)
    prefix, wanted = deployment.environment.prefix, given.queue.strip()
    if wanted not in (*QUEUES, ALL):
        raise SetupProblem(_which(deployment, wanted))
    found = [_tell(letters, place) for letters in _opened(deployment, QUEUES if wanted == ALL else [wanted])]
    full = [letters for letters in found if letters]
    if not full:
        return
    homes = ", ".join(letters.url.rpartition("/")[2] for letters in full)
    confirm(f"Bring it back into {homes}? Only yes is a yes: ", "yes", prefix=prefix, environ=place.environ)
    for letters in full:
        with place.progress.step(f"Back from {letters.name}") as step:
            step.detail = "nothing: somebody was faster"
            for count in letters.send_back():
                step.detail = _messages(count)
    place.progress.note(NEXT)


def add_redrive_options(parser: ArgumentParser) -> None:
    """Add what this command takes."""
    parser.add_argument("--queue", default="", metavar="NAME", help=f"{', '.join(QUEUES)} or {ALL}")


def _opened(deployment: Deployment, names: Sequence[str] | dict[str, str]) -> list[DeadLetters]:
    sqs = deployment.account.aws.client("sqs")
    return [DeadLetters.of(sqs, deployment.environment.prefix, name) for name in names]


def _tell(letters: DeadLetters, place: Place) -> DeadLetters | None:
    """Say what lies there; give it back if that is something."""
    waiting, held = letters.count()
    now, seen = datetime.now(UTC), letters.look(SHOWN) if waiting else []
    busy = f"; somebody holds {held} more, look again in a minute" if held else ""
    if not seen:
        place.progress.note(f"{letters.name}: no message{busy}")
        return None
    oldest = age(now - seen[0].sent)
    place.progress.note(f"{letters.name}: {_messages(waiting)}, the oldest shown {oldest} old{busy}")
    rows = [(letter.job_id or "(unreadable)", letter.told(letters.queue, now)) for letter in seen]
    place.progress.note("\n".join(f"  {line}" for line in table(rows)))
    if waiting > len(seen):
        place.progress.note(f"  … and {waiting - len(seen)} more")
    return letters


def _which(deployment: Deployment, wanted: str) -> str:
    counts = ", ".join(f"{letters.queue} ({letters.count()[0]})" for letters in _opened(deployment, QUEUES))
    problem = f"there is no QUEUE={wanted}" if wanted else "QUEUE is missing"
    example = f"make redrive ENV={deployment.environment.name} QUEUE=webhooks"
    return f"{problem}: dead letters are in {counts}; or {ALL}, for example {example}"


def _messages(count: int) -> str:
    return f"{count} message{'' if count == 1 else 's'}"
