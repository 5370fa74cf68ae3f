"""The command line of `vsl`."""

import argparse
import re
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from vsl import generation, help_texts, management, params
from vsl.exits import usage_error
from vsl.session import Result, Session

type Command = Callable[[argparse.Namespace, Session], Result]

TIMEOUT_SECONDS = 3600
MEDIA_TYPES = ("video", "image", "audio")
STATUSES = ("queued", "submitting", "processing", "completed", "failed", "canceled")


class Parser(ArgumentParser):
    """A parser that reports its errors as the commands report theirs."""

    def error(self, message: str) -> NoReturn:
        """Raise CommandFailed instead of printing the usage and exiting."""
        raise usage_error(f"{message} (see {self.prog} --help)")


@dataclass(frozen=True)
class CommandLine:
    """A command: its function, and its options besides --json and --quiet."""

    run: Command
    add: Callable[[ArgumentParser], None]


def parser() -> ArgumentParser:
    """Build the parser."""
    made = Parser(
        prog="vsl",
        description=help_texts.DESCRIPTION,
        epilog=help_texts.EPILOG,
        formatter_class=RawDescriptionHelpFormatter,
    )
    commands = made.add_subparsers(title="commands", required=True, metavar="command")
    for name, line in COMMANDS.items():
        description = line.run.__doc__
        sub = commands.add_parser(
            name,
            help=description,
            description=description,
            epilog=help_texts.EXAMPLES.get(name),
            formatter_class=RawDescriptionHelpFormatter,
            allow_abbrev=False,  # an abbreviation in a script would break when a new option makes it ambiguous
        )
        sub.set_defaults(run=line.run)
        sub.add_argument("--json", action="store_true", help="print one JSON document on standard output")
        sub.add_argument("--quiet", action="store_true", help="show no progress, even in a terminal")
        line.add(sub)
    return made


def _generate(sub: ArgumentParser) -> None:
    sub.add_argument("media_type", choices=MEDIA_TYPES, help="the type of media to generate")
    sub.add_argument("--model", required=True, metavar="ID", help="the model; vsl models lists them")
    sub.add_argument("--prompt", metavar="TEXT", help="short for --text prompt=TEXT")
    sub.add_argument(
        "--param", action="append", default=[], type=_typed, metavar="NAME=VALUE", help="a model parameter"
    )
    sub.add_argument(
        "--text",
        action="append",
        default=[],
        type=_text,
        metavar="NAME=VALUE",
        help="a model parameter that is always text",
    )
    sub.add_argument("--params-file", metavar="FILE", help="a JSON object of model parameters; - reads standard input")
    sub.add_argument(
        "--metadata",
        action="append",
        default=[],
        type=_text,
        metavar="NAME=VALUE",
        help="data of your own to store with the job",
    )
    sub.add_argument("--callback-url", metavar="URL", help="the API posts the final status here")
    sub.add_argument("--deadline", type=_seconds, metavar="SECONDS", help="the job fails if it takes longer")
    _waiting(sub)
    _key(sub)


def _status(sub: ArgumentParser) -> None:
    _job(sub)
    _waiting(sub)


def _jobs(sub: ArgumentParser) -> None:
    sub.add_argument("--status", choices=STATUSES, help="only jobs with this status")
    sub.add_argument("--type", choices=MEDIA_TYPES, help="only this media type")
    sub.add_argument("--model", metavar="ID", help="only jobs of this model")
    sub.add_argument(
        "--after", type=_instant, metavar="TIME", help="only jobs created after: 2026-11-01T12:00:00Z, or 2026-11-01"
    )
    sub.add_argument("--limit", type=_count, default=20, metavar="N", help="the maximum number of jobs (default: 20)")
    sub.add_argument("--cursor", metavar="TEXT", help="continue a list: nextCursor of the output with --json")
    sub.add_argument("--all", action="store_true", help="list all jobs, page by page")


def _models(sub: ArgumentParser) -> None:
    sub.add_argument("model", nargs="?", metavar="ID", help="one model, with its parameters")
    sub.add_argument("--type", choices=MEDIA_TYPES, help="only this media type")


def _retry(sub: ArgumentParser) -> None:
    _job(sub)
    _waiting(sub)
    _key(sub)


def _delete(sub: ArgumentParser) -> None:
    _job(sub)
    sub.add_argument("--yes", action="store_true", help="confirm the deletion")


def _usage(sub: ArgumentParser) -> None:
    sub.add_argument("--from", dest="since", metavar="DATE", help="the first day, such as 2026-11-01")
    sub.add_argument("--to", dest="until", metavar="DATE", help="the day after the last one")


def _batch(sub: ArgumentParser) -> None:
    sub.add_argument("file", metavar="FILE", help="the requests; - reads standard input")
    _key(sub)


def _job(sub: ArgumentParser) -> None:
    sub.add_argument("job", metavar="JOB", help="the job's id")


def _waiting(sub: ArgumentParser) -> None:
    sub.add_argument("--wait", action="store_true", help="wait until the job is final; Ctrl-C does not stop the job")
    sub.add_argument("--save", type=Path, metavar="DIR", help="wait, then save the files here and verify each one")
    text = f"stop waiting after this time (default: {TIMEOUT_SECONDS})"
    sub.add_argument("--timeout", type=_seconds, default=TIMEOUT_SECONDS, metavar="SECONDS", help=text)


def _key(sub: ArgumentParser) -> None:
    text = "a name for the request: repeated within 24 hours, it creates no second job (default: random)"
    sub.add_argument("--idempotency-key", metavar="TEXT", help=text)


def _pairs(sub: ArgumentParser, option: str, read: Callable[[str], params.Pair], text: str) -> None:
    sub.add_argument(option, action="append", default=[], type=read, metavar="NAME=VALUE", help=text)


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
    return _positive(text, "seconds")


def _count(text: str) -> int:
    return _positive(text, "jobs")


def _positive(text: str, unit: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text} is not a positive whole number of {unit}")
    return int(text)


def _instant(text: str) -> str:
    """Turn a date into its first moment; the API validates everything else."""
    return f"{text}T00:00:00Z" if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else text


COMMANDS = {
    "generate": CommandLine(generation.generate, _generate),
    "status": CommandLine(generation.status, _status),
    "jobs": CommandLine(management.jobs, _jobs),
    "models": CommandLine(management.models, _models),
    "cancel": CommandLine(management.cancel, _job),
    "retry": CommandLine(generation.retry, _retry),
    "delete": CommandLine(management.delete, _delete),
    "usage": CommandLine(management.usage, _usage),
    "batch": CommandLine(management.batch, _batch),
}
