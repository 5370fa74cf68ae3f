"""Terraform's AWS provider as one process for many commands.

Terraform hashes the provider, a program of 700 MB, for each command, and starts it several times for each command and
each `run` of a test: 15 `run` blocks of a module took 15.3 s of CPU time, and 4.0 s with one provider in debug mode.
https://developer.hashicorp.com/terraform/plugin/debugging
"""

import re
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from common.problems import SetupProblem
from local_cloud import processes
from local_cloud.processes import Server

# As the provider prints it: TF_REATTACH_PROVIDERS='{"registry.terraform.io/hashicorp/aws":{…}}'
VARIABLE = "TF_REATTACH_PROVIDERS"
# A provider that has it can be configured only once: "unable to add custom RootCAs". Emulators and mocks need no TLS.
ONLY_ONCE = "AWS_CA_BUNDLE"
# In debug mode the provider writes all requests, which hold secrets, unless it is given levels.
QUIET = dict.fromkeys(("TF_LOG", "TF_LOG_PROVIDER", "TF_LOG_PROVIDER_AWS", "TF_LOG_SDK", "TF_LOG_AWS_BASE"), "ERROR")
ATTACH = re.compile(rf"{VARIABLE}='([^']+)'")


@contextmanager
def running_provider(data: Path, environment: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Run the provider that `terraform init` put into `data`; give the environment that leads Terraform to it.

    The process has one configuration, the last one: do not use it for a root whose providers have two regions.
    """
    log = data.with_name(f"{data.name}-provider.log")
    own = {name: value for name, value in environment.items() if name != ONLY_ONCE} | QUIET
    process = processes.launch([str(installed(data)), "-debug"], log=log, environment=own, stop_signal=signal.SIGINT)
    server = Server("the AWS provider", "", process.pid, process.create_time(), signal.SIGINT)
    processes.wait_until_ready(process, lambda: bool(ATTACH.search(log.read_text())), name=server.name, log=log)
    try:
        yield {**environment, VARIABLE: ATTACH.findall(log.read_text())[0]}
    finally:
        processes.stop(server)


def installed(data: Path) -> Path:
    """Return the provider's program below the working data of a root."""
    # Host, namespace, name, version and platform, one of which may be a link to a mirror's or a cache's folder.
    found = list(data.glob("providers/*/hashicorp/aws/*/*/terraform-provider-aws*"))
    if len(found) != 1:
        raise SetupProblem(f"{data} has {len(found)} AWS providers instead of one: remove it")
    return found[0]
