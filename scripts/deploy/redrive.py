"""Show dead letters, and redrive them into their queue."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from datetime import UTC, datetime

from common.problems import SetupProblem
from common.tables import table
from deploy.confirm import confirm
from deploy.dead_letters import QUEUES, DeadLetters, age
from deploy.preflight import Deployment, Needs, Place, ready

ALL = "all"
SHOWN = 20  # messages shown per queue; more would not be readable
NEXT = "Next: repeated failures are logged as unexpected_error by the consumer, and return here after five attempts."


def redrive(given: Namespace, place: Place) -> None:
    """show the messages of a dead-letter queue, and redrive them once confirmed or with CONFIRM=<prefix>"""
    deployment = ready(place, given.environment, "redrive", Needs.NOTHING)
    prefix, wanted = deployment.environment.prefix, given.queue.strip()
    if wanted not in (*QUEUES, ALL):
        raise SetupProblem(_which(deployment, wanted))
    found = [_tell(letters, place) for letters in _opened(deployment, QUEUES if wanted == ALL else [wanted])]
    full = [letters for letters in found if letters]
    if not full:
        return
    homes = ", ".join(letters.url.rpartition("/")[2] for letters in full)
    confirm(f"Redrive into {homes}? Type yes to confirm: ", "yes", prefix=prefix, environ=place.environ)
    for letters in full:
        with place.progress.step(f"Back from {letters.name}") as step:
            step.detail = "nothing: the messages are no longer there"
            for count in letters.send_back():
                step.detail = _messages(count)
    place.progress.note(NEXT)


def add_redrive_options(parser: ArgumentParser) -> None:
    parser.add_argument("--queue", default="", metavar="NAME", help=f"{', '.join(QUEUES)} or {ALL}")


def _opened(deployment: Deployment, names: Sequence[str] | dict[str, str]) -> list[DeadLetters]:
    sqs = deployment.account.aws.client("sqs")
    return [DeadLetters.of(sqs, deployment.environment.prefix, name) for name in names]


def _tell(letters: DeadLetters, place: Place) -> DeadLetters | None:
    """Print the messages; return the queue if it has any."""
    waiting, held = letters.count()
    now, seen = datetime.now(UTC), letters.look(SHOWN) if waiting else []
    busy = f"; {held} more are in flight, look again in a minute" if held else ""
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
