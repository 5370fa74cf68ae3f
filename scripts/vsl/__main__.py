"""Run one command of `vsl`. Exit code 0 means success; `vsl --help` lists the others."""

import json
import os
import signal
import sys
from argparse import Namespace
from collections.abc import Sequence
from types import FrameType
from typing import Any

from common.retries import CallFailed
from vsl.arguments import parser
from vsl.exits import CommandFailed, Exit, from_call
from vsl.session import Result, open_session

INTERRUPTS = (signal.SIGINT, signal.SIGTERM)


def main(arguments: Sequence[str]) -> int:
    """Run one command."""
    as_json = "--json" in arguments
    try:
        try:
            return _show(_run(parser().parse_args(arguments)), as_json)
        except CommandFailed as failure:
            return _report(failure, as_json)
        except KeyboardInterrupt:
            return _report(CommandFailed(Exit.INTERRUPTED, "interrupted", "interrupted"), as_json)
    except BrokenPipeError:  # the reader (`| head`) closed the pipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return int(Exit.INTERRUPTED)


def _run(given: Namespace) -> Result:
    session = open_session(os.environ, quiet=given.quiet)
    try:
        with session.client:
            result: Result = given.run(given, session)
    except CallFailed as failed:
        raise from_call(failed) from None
    return result


def _show(result: Result, as_json: bool) -> int:
    if as_json:
        _print_json(result.document)
    else:
        print("\n".join(map(_printable, result.lines)), flush=True)
    return int(result.exit_code)


def _report(failure: CommandFailed, as_json: bool) -> int:
    sys.stdout.flush()
    for line in (f"vsl: {failure}", *failure.lines):
        print(_printable(line), file=sys.stderr)
    if as_json:
        _print_json({"error": failure.error})
    return int(failure.exit_code)


def _print_json(document: Any) -> None:
    print(json.dumps(document, indent=2, ensure_ascii=False), flush=True)


def _printable(line: str) -> str:
    """Replace control characters, so that texts of the API cannot steer the terminal."""
    return "".join(letter if letter.isprintable() else "�" for letter in line)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    """End a command in order on SIGINT or SIGTERM; a second signal ends it at once."""
    for each in INTERRUPTS:
        signal.signal(each, signal.SIG_DFL)
    # A response that was being read raises when it is garbage-collected.
    sys.unraisablehook = lambda _: None
    raise KeyboardInterrupt


if __name__ == "__main__":
    for each in INTERRUPTS:
        signal.signal(each, _interrupt)
    sys.exit(main(sys.argv[1:]))
