"""Command line: start the simulator and print its URL."""

import argparse
import json
import signal
import sys
import threading
from pathlib import Path

from replicate_simulator.server import RunningSimulator
from replicate_simulator.settings import Settings

_EPILOG = """\
Prints one JSON line {"url": ...} when it is ready, and runs until SIGTERM or Ctrl-C. The API is at
{url}/v1, the faults it knows at {url}/control/faults; a fault can also be written in a prompt, for
example [[fault:429 retry_after=2 times=1]]."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="replicate_simulator",
        description="A local stand-in for Replicate's HTTP API, with real media and faults on demand.",
        epilog=_EPILOG,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--port", type=int, default=0, help="port to listen on; 0 takes a free one")
    add("--api-token", default="r8_simulator", metavar="TOKEN", help="bearer token that callers must send")
    add("--other-account-token", default="r8_another_account", metavar="TOKEN", help="bearer token of another account")
    add("--webhook-secret", metavar="whsec_…", default=argparse.SUPPRESS, help="signing key (default: random)")
    add("--state", type=Path, metavar="FOLDER", help="keep all state in this folder, so that it survives a kill")
    add("--verbose", action="store_true", help="write each request to standard error")
    _add_behaviour(parser)
    return parser


def _add_behaviour(parser: argparse.ArgumentParser) -> None:
    def seconds(option: str, default: float, text: str) -> None:
        parser.add_argument(option, type=float, default=default, metavar="SECONDS", help=text)

    seconds("--seconds-per-prediction", 1.0, "how long a prediction takes")
    seconds("--data-removed-seconds", 3600.0, "age at which input, output, logs and files are removed")
    seconds("--webhook-retry-seconds", 60.0, "time over which the last webhook is retried")
    seconds("--minimum-cancel-after-seconds", 5.0, "shortest Cancel-After that is accepted")
    seconds("--input-seconds", 10.0, "how long the download of one link of an input may take")
    bytes_help = "size above which a file of an input is refused"
    parser.add_argument("--largest-input-bytes", type=int, default=100 * 1024 * 1024, metavar="N", help=bytes_help)
    parser.add_argument("--page-size", type=int, default=100, metavar="N", help="predictions per list page")
    limit = "create calls per minute, with bursts of a tenth of it; further calls are answered 429 (0: no limit)"
    parser.add_argument("--creates-per-minute", type=int, default=0, metavar="N", help=limit)
    parser.add_argument("--list-without-webhook", action="store_true", help="leave `webhook` out of list items")
    ignored = "ignore inputs that a model does not know, instead of refusing them"
    parser.add_argument("--ignore-unknown-inputs", action="store_true", help=ignored)


def main(arguments: list[str] | None = None) -> int:
    """Run until SIGTERM or SIGINT; return 2 if the simulator cannot start."""
    given = _parser().parse_args(arguments)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        running = RunningSimulator(Settings(**vars(given)))
    except (ImportError, RuntimeError, ValueError) as problem:
        return _refuse(str(problem))
    except (OSError, OverflowError) as problem:
        return _refuse(f"port {given.port} cannot be used ({problem}): choose another --port, or 0 for a free one")
    print(json.dumps({"url": running.url}), flush=True)
    stop.wait()
    running.close()
    return 0


def _refuse(why: str) -> int:
    print(f"replicate_simulator: {why}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
