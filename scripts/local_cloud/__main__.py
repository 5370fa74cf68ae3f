"""Commands of the local cloud, called by the Makefile. Exit code 0 only if all went well."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from common import guard, interruption
from common.problems import SetupProblem
from common.program import finish
from common.progress import Progress
from local_cloud import actions
from local_cloud.cloud import LocalCloud
from local_cloud.packages import ROOT
from local_cloud.replicate import MODES


def main(arguments: Sequence[str]) -> int:
    """Run one command."""
    parser = _parser()
    given = parser.parse_args(arguments)
    # argparse does not check a default, and this one comes from the environment.
    if given.replicate not in MODES:
        parser.error(f"REPLICATE={given.replicate} is not known: choose {' or '.join(MODES)}")
    interruption.end_in_order()
    cloud = LocalCloud(given.state_dir, mode=given.replicate, progress=Progress(sys.stdout))
    return finish("local cloud", lambda: _run(cloud, given))


def _run(cloud: LocalCloud, given: argparse.Namespace) -> int:
    try:
        code = int(given.action(cloud, given))
    except KeyboardInterrupt:
        cloud.abandon()
        raise
    except SetupProblem:
        guard.dismiss()  # what was up before a job failed stays up
        raise
    guard.dismiss()
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="local_cloud", description="The local cloud: up, demo, down.")
    parser.add_argument("--state-dir", type=Path, default=ROOT / ".local", help="where its run state is kept")
    parser.add_argument(
        "--replicate",
        choices=MODES,
        default=os.environ.get("REPLICATE") or MODES[0],
        help="the simulator, or the real service with REPLICATE_API_TOKEN (also by REPLICATE=live)",
    )
    commands = parser.add_subparsers(title="commands", required=True)
    for name, action in actions.ACTIONS.items():
        command = commands.add_parser(name, help=action.__doc__)
        command.set_defaults(action=action)
        for option, settings in actions.OPTIONS.get(name, {}).items():
            command.add_argument(option, **settings)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
