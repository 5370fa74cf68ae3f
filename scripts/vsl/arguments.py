"""The command line of `vsl`."""

import argparse
import re
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from vsl import asking, making, params, texts
from vsl.endings import misused
from vsl.session import Session, Told

type Command = Callable[[argparse.Namespace, Session], Told]

TIMEOUT_SECONDS = 3600
MEDIA_TYPES = ("video", "image", "audio")
STATUSES = ("queued", "submitting", "processing", "completed", "failed", "canceled")


class Parser(ArgumentParser):
    """A parser whose complaints are told as every other."""

    def error(self, message: str) -> NoReturn:
        """Complain."""
        raise misused(f"{message} (see {self.prog} --help)")


@dataclass(frozen=True)
class CommandLine:
    """A command: what it does, and what it takes besides --json and --quiet."""

    run: Command
    add: Callable[[ArgumentParser], None]


def parser() -> ArgumentParser:
    """Make the parser."""
    made = Parser(
        prog="vsl", description=texts.DESCRIPTION, epilog=texts.EPILOG, formatter_class=RawDescriptionHelpFormatter
    )
    commands = made.add_subparsers(title="commands", required=True, metavar="command")
    for name, line in COMMANDS.items():
        told = line.run.__doc__
        sub = commands.add_parser(
            name,
            help=told,
            description=told,
            epilog=texts.EXAMPLES.get(name),
            formatter_class=RawDescriptionHelpFormatter,
            allow_abbrev=False,  # scripts would break with the next option
        )
        sub.set_defaults(run=line.run)
        sub.add_argument("--json", action="store_true", help="one JSON document on standard output")
        sub.add_argument("--quiet", action="store_true", help="no progress, even in a terminal")
        line.add(sub)
    return made


def _generate(sub: ArgumentParser) -> None:
    sub.add_argument("media_type", choices=MEDIA_TYPES, help="what to make")
    sub.add_argument("--model", required=True, metavar="ID", help="who makes it: see vsl models")
    sub.add_argument("--prompt", metavar="TEXT", help="short for --text prompt=TEXT")
    sub.add_argument("--param", action="append", default=[], type=_typed, metavar="NAME=VALUE", help="a parameter")
    sub.add_argument("--text", action="append", default=[], type=_text, metavar="NAME=VALUE", help="one that is text")
    sub.add_argument("--params-file", metavar="FILE", help="a JSON object of parameters; - is standard input")
    sub.add_argument("--metadata", action="append", default=[], type=_text, metavar="NAME=VALUE", help="kept with it")
    sub.add_argument("--callback-url", metavar="URL", help="where the API tells of the end")
    sub.add_argument("--deadline", type=_seconds, metavar="SECONDS", help="when the job is to fail if it is not done")
    _waiting(sub)
    _key(sub)


def _status(sub: ArgumentParser) -> None:
    _job(sub)
    _waiting(sub)


def _jobs(sub: ArgumentParser) -> None:
    sub.add_argument("--status", choices=STATUSES, help="only those that stand so")
    sub.add_argument("--type", choices=MEDIA_TYPES, help="only this media type")
    sub.add_argument("--model", metavar="ID", help="only by this model")
    sub.add_argument("--after", type=_instant, metavar="TIME", help="only younger ones: 2026-11-01T12:00:00Z")
    sub.add_argument("--limit", type=_count, default=20, metavar="N", help="at most so many (20)")
    sub.add_argument("--cursor", metavar="TEXT", help="go on where nextCursor of an earlier list with --json was")
    sub.add_argument("--all", action="store_true", help="all of them, page by page")


def _models(sub: ArgumentParser) -> None:
    sub.add_argument("model", nargs="?", metavar="ID", help="one model, with its parameters")
    sub.add_argument("--type", choices=MEDIA_TYPES, help="only this media type")


def _retry(sub: ArgumentParser) -> None:
    _job(sub)
    _waiting(sub)
    _key(sub)


def _delete(sub: ArgumentParser) -> None:
    _job(sub)
    sub.add_argument("--yes", action="store_true", help="do it")


def _usage(sub: ArgumentParser) -> None:
    sub.add_argument("--from", dest="since", metavar="DATE", help="the first day, such as 2026-11-01")
    sub.add_argument("--to", dest="until", metavar="DATE", help="the day after the last one")


def _batch(sub: ArgumentParser) -> None:
    sub.add_argument("file", metavar="FILE", help="the requests; - is standard input")
    _key(sub)


def _job(sub: ArgumentParser) -> None:
    sub.add_argument("job", metavar="JOB", help="the job's id")


def _waiting(sub: ArgumentParser) -> None:
    sub.add_argument("--wait", action="store_true", help="wait for the end; Ctrl-C leaves the job running")
    sub.add_argument("--save", type=Path, metavar="DIR", help="wait, then save the files here, each checked")
    told = f"wait no longer ({TIMEOUT_SECONDS})"
    sub.add_argument("--timeout", type=_seconds, default=TIMEOUT_SECONDS, metavar="SECONDS", help=told)


def _key(sub: ArgumentParser) -> None:
    told = "name the request, so that sent again within 24 hours it makes no second job (made up if not given)"
    sub.add_argument("--idempotency-key", metavar="TEXT", help=told)


def _typed(argument: str) -> params.Pair:
    return _pair(params.typed, argument)


def _text(argument: str) -> params.Pair:
    return _pair(params.text, argument)


def _pair(read: Callable[[str], params.Pair], argument: str) -> params.Pair:
    try:
        return read(argument)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _seconds(text: str) -> int:
    return _whole(text, "seconds")


def _count(text: str) -> int:
    return _whole(text, "jobs")


def _whole(text: str, of: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text} is not a whole number of {of} above 0")
    return int(text)


def _instant(text: str) -> str:
    """Let a day stand for its first moment; the API reads the rest."""
    return f"{text}T00:00:00Z" if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else text


COMMANDS = {
    "generate": CommandLine(making.generate, _generate),
    "status": CommandLine(making.status, _status),
    "jobs": CommandLine(asking.jobs, _jobs),
    "models": CommandLine(asking.models, _models),
    "cancel": CommandLine(asking.cancel, _job),
    "retry": CommandLine(making.retry, _retry),
    "delete": CommandLine(asking.delete, _delete),
    "usage": CommandLine(asking.usage, _usage),
    "batch": CommandLine(asking.batch, _batch),
}
