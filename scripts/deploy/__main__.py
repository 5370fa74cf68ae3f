"""Commands of the infra team, called by the Makefile. Exit code 0 only if all went well."""

import argparse
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from pathlib import Path

from common import interruption
from common.loopback import bypass_proxy
from common.paths import ROOT
from common.program import finish
from common.progress import Progress
from deploy.access import access, add_access_options, migrate
from deploy.bootstrap import bootstrap
from deploy.changing import apply, destroy, plan
from deploy.limits import add_options, limits
from deploy.model import add_model_options, model
from deploy.preflight import Place
from deploy.redrive import add_redrive_options, redrive
from deploy.secrets import secrets
from deploy.smoke import smoke

# In the order in which an environment is created and used.
COMMANDS: dict[str, Callable[[Namespace, Place], None]] = {
    "bootstrap": bootstrap,
    "plan": plan,
    "apply": apply,
    "secrets": secrets,
    "migrate": migrate,
    "access": access,
    "limits": limits,
    "model": model,
    "smoke": smoke,
    "redrive": redrive,
    "destroy": destroy,
}
OPTIONS = {access: add_access_options, limits: add_options, model: add_model_options, redrive: add_redrive_options}
VARIABLES = """\
variables:
  CONFIRM=<prefix>                  confirms bootstrap, apply, redrive and destroy without a terminal
  TF_VAR_database_url, TF_VAR_redis_url, TF_VAR_owner_database_url
                                    URLs of an existing PostgreSQL or Redis, if the environment uses one
  REPLICATE_API_TOKEN               for secrets; else it is asked for, or read from standard input
                                    for model; else the environment's own
  VSL_API_KEY                       for smoke; else a key is made for it and revoked afterwards
  GITHUB=owner/name                 for bootstrap; GITHUB_OWNER_ID and GITHUB_REPOSITORY_ID where GitHub cannot be asked
  AWS_PROFILE, AWS_ENDPOINT_URL …   as for every AWS tool
"""


def main(arguments: Sequence[str], root: Path = ROOT) -> int:
    """Run one command on a copy of the repository."""
    given = _parser().parse_args(arguments)
    # Standard output is reserved for the API key; everything else goes to standard error.
    stream = sys.stderr if given.command is access else sys.stdout

    def run() -> int:
        given.command(given, Place(root, os.environ, Progress(stream)))
        return 0

    return finish("deploy", run)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="deploy",
        description="Commands of the infra team, in the order in which an environment needs them.",
        epilog=VARIABLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(title="commands", required=True)
    for name, command in COMMANDS.items():
        sub = commands.add_parser(name, help=command.__doc__, description=command.__doc__)
        sub.set_defaults(command=command)
        sub.add_argument("environment", nargs="?", default="", help="such as homolog: a file in terraform/environments")
        if command in (access, limits):
            sub.add_argument("--user", default="", metavar="NAME", help="name of the user")
        if command in OPTIONS:
            OPTIONS[command](sub)
    return parser


if __name__ == "__main__":
    interruption.end_in_order()
    bypass_proxy(os.environ)
    sys.exit(main(sys.argv[1:]))
