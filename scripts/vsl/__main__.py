"""Run one command of `vsl`. Exit code 0 only if all went well; `vsl --help` lists the others."""

import json
import os
import signal
import sys
from argparse import Namespace
from collections.abc import Sequence
from types import FrameType
from typing import Any

from common.calling import CallFailed
from vsl.arguments import parser
from vsl.endings import Ended, Exit, of_call
from vsl.session import Told, open_session

INTERRUPTS = (signal.SIGINT, signal.SIGTERM)


def main(arguments: Sequence[str]) -> int:
    """Run one command."""
    as_json = "--json" in arguments
    try:
        try:
            return _show(_run(parser().parse_args(arguments)), as_json)
        except Ended as ended:
            return _complain(ended, as_json)
        except KeyboardInterrupt:
            return _complain(Ended(Exit.INTERRUPTED, "interrupted", "interrupted"), as_json)
    except BrokenPipeError:  # whoever read our output has enough of it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return int(Exit.INTERRUPTED)


def _run(given: Namespace) -> Told:
    session = open_session(os.environ, quiet=given.quiet)
    try:
        with session.client:
            told: Told = given.run(given, session)
    except CallFailed as failed:
        raise of_call(failed) from None
    return told


def _show(told: Told, as_json: bool) -> int:
    if as_json:
        _print_json(told.document)
    else:
        print("\n".join(map(_printable, told.lines)), flush=True)
    return int(told.exit_code)


def _complain(ended: Ended, as_json: bool) -> int:
    sys.stdout.flush()
    for line in (f"vsl: {ended}", *ended.lines):
        print(_printable(line), file=sys.stderr)
    if as_json:
        _print_json({"error": ended.error})
    return int(ended.exit_code)


def _print_json(document: Any) -> None:
    print(json.dumps(document, indent=2, ensure_ascii=False), flush=True)


def _printable(line: str) -> str:
    """Keep what others wrote from steering the terminal."""
    return "".join(letter if letter.isprintable() else "�" for letter in line)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    """End a command in order, by Ctrl-C as by SIGTERM; the second time at once."""
    for each in INTERRUPTS:
        signal.signal(each, signal.SIG_DFL)
    # An answer that was being read is half made, and complains when it is thrown away.
    sys.unraisablehook = lambda _: None
    raise KeyboardInterrupt


if __name__ == "__main__":
    for each in INTERRUPTS:
        signal.signal(each, _interrupt)
    sys.exit(main(sys.argv[1:]))
