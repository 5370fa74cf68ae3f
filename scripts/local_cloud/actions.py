"""The commands of the local cloud; each returns an exit code."""

import json
import re
import shlex
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

from common.api import ApiClient
from common.generation import Finished
from common.problems import SetupProblem
from local_cloud import state
from local_cloud.cloud import LocalCloud
from local_cloud.contact_sheet import write_contact_sheet
from local_cloud.demo import Demo, curl_lines, vsl_lines
from local_cloud.function_logs import follow
from local_cloud.packages import ROOT
from local_cloud.report import files_table, servers_table
from local_cloud.state import Environment

NUMBERS = {"overlapHours", "ratePerHour", "concurrentJobs", "monthlyBudget"}
FIGURE = re.compile(r"null|[0-9]+(\.[0-9]+)?")


def up(cloud: LocalCloud, _given: Namespace) -> int:
    """start everything, or what has changed, and leave it running"""
    environment = cloud.up()
    print(f"The API is at {environment.api_url} (up in {cloud.progress.seconds:.1f} s; make down stops it).")
    print(f"On this machine callbacks may go to {environment.callback_origin}: listen there to see them.")
    if environment.replicate == "live":
        print("Replicate cannot call back to this machine: results are fetched by the poller every 5 minutes,")
        print("or at once with: python -m local_cloud poll")
    print("\n".join(["Try it:\n", *vsl_lines(environment.api_url, environment.api_key)]))
    return 0


def down(cloud: LocalCloud, _given: Namespace) -> int:
    """stop everything"""
    stopped = cloud.down()
    print(f"Stopped: {', '.join(stopped)}." if stopped else "Nothing was running.")
    return 0


def demo(cloud: LocalCloud, given: Namespace) -> int:
    """up, then make one video, one image and one audio, and check every file"""
    environment = cloud.up()
    client = ApiClient(environment.api_url, environment.api_key)
    jobs = Demo(client, cloud.deployer(environment), given.output, cloud.progress, environment.replicate).run()
    print("\n".join(["", *files_table(jobs, Path.cwd()), ""]))
    wrong = [file for job in jobs for file in job.files if file.problem]
    for file in wrong:
        print(f"{file.path}: {file.problem}")
    print(f"{'NOT all files are' if wrong else 'All files are'} valid. Total: {cloud.progress.seconds:.1f} s.")
    if not wrong:
        print(f"All on one picture: {write_contact_sheet(jobs, given.output / 'contact-sheet.jpg')}")
    against = check_requests(cloud)
    _print_next_steps(client, environment, jobs)
    return 1 if wrong or against else 0


def check_requests(cloud: LocalCloud) -> bool:
    """Check every request to AWS against AWS's rules, because the emulator accepts almost everything."""
    from aws_requests.check import check  # takes seconds to import, and no other command needs it

    with cloud.progress.step("Requests to AWS") as step:
        checked = check([cloud.recording], "demo")
        step.detail, *against = str(checked).splitlines()
    print("\n".join(against))
    return bool(checked.findings)


def status(cloud: LocalCloud, _given: Namespace) -> int:
    """show what runs"""
    found = state.load(cloud.state_dir)
    if not found:
        print("Not running: make up")
        return 1
    print("\n".join(servers_table(found.servers)))
    print(f"API: {found.api_url or 'not there yet'} (Replicate: {found.replicate})")
    return 0


def logs(cloud: LocalCloud, given: Namespace) -> int:
    """show the logs of all functions, or of those named, and go on with what they write (Ctrl-C ends it)"""
    environment = cloud.environment()
    groups = environment.outputs["log_groups"]
    unknown = [name for name in given.names if name not in groups]
    if unknown:
        raise SetupProblem(f"there is no log of {unknown[0]}: choose one of {', '.join(groups)}")
    client = cloud.deployer(environment).aws.client("logs")
    chosen = {name: groups[name] for name in given.names or groups}
    for line in follow(client, chosen, once=given.once):
        print(line, flush=True)
    return 0


def access(cloud: LocalCloud, given: Namespace) -> int:
    """manage users and API keys, such as: access create-user name=alice"""
    texts: dict[str, str] = dict(field.partition("=")[::2] for field in given.fields)
    fields = {
        name: json.loads(text) if name in NUMBERS and FIGURE.fullmatch(text) else text for name, text in texts.items()
    }
    print(json.dumps(cloud.deployer(cloud.environment()).manage_access(given.do, **fields), indent=2))
    return 0


def poll(cloud: LocalCloud, _given: Namespace) -> int:
    """let the poller look for finished jobs now"""
    print(json.dumps(cloud.deployer(cloud.environment()).poll()))
    return 0


def env(cloud: LocalCloud, _given: Namespace) -> int:
    """print variables for a shell: eval "$(python -m local_cloud env)" """
    environment = cloud.environment()
    own = {
        "VSL_API_URL": environment.api_url,
        "VSL_API_KEY": environment.api_key,
        "DATABASE_URL": environment.url("postgres"),
        "REDIS_URL": environment.url("redis"),
    }
    given = {**environment.variables(), **own}
    print("\n".join(f"export {name}={shlex.quote(value)}" for name, value in given.items()))
    return 0


def _print_next_steps(client: ApiClient, environment: Environment, jobs: list[Finished]) -> None:
    image = jobs[1]
    print("The local cloud goes on running (make down stops it). Try it yourself:\n")
    lines = [*vsl_lines(environment.api_url, environment.api_key), "", *curl_lines(client, image)]
    print("\n".join(lines))


ACTIONS: dict[str, Callable[[LocalCloud, Namespace], int]] = {
    "up": up,
    "down": down,
    "demo": demo,
    "status": status,
    "logs": logs,
    "access": access,
    "poll": poll,
    "env": env,
}
OPTIONS: dict[str, dict[str, dict[str, Any]]] = {
    "demo": {"--output": {"type": Path, "default": ROOT / "demo-output", "help": "where files are saved"}},
    "logs": {
        "names": {"nargs": "*", "metavar": "name", "help": "a function, such as generate_media"},
        "--once": {"action": "store_true", "help": "end after what is there now"},
    },
    "access": {
        "do": {"help": "create-user, create-key, list, rotate-key, revoke-key or set-limits"},
        "fields": {"nargs": "*", "metavar": "name=value", "help": "such as name=alice, userId=…"},
    },
}
