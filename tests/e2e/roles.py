"""The functions' roles as Terraform made them, and the effect of removing one permission."""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any, NamedTuple

import psutil

from e2e.parts import Platform, until

type Statement = dict[str, Any]
# Permissions that emptying a folder of the media bucket needs.
ERASING = (
    ("ListMediaVersions", "s3:ListBucketVersions"),
    ("EraseMedia", "s3:DeleteObject"),
    ("EraseMedia", "s3:DeleteObjectVersion"),
)

type PolicyName = tuple[str, str]  # names of the role and of its policy


@cache
def client(platform: Platform, service: str) -> Any:
    """Return a boto3 client of the emulator, cached because making one takes as long as several calls."""
    return platform.deployer.aws.client(service)


class Permission(NamedTuple):
    """One action of one statement. `part` distinguishes resources if a statement names several."""

    function: str
    sid: str
    action: str
    part: str = ""

    def __str__(self) -> str:
        return "-".join(filter(None, self)).replace(":", "_")


class Roles:
    """Reads the policies of all functions once; removes permissions and restores them."""

    def __init__(self, platform: Platform) -> None:
        self._iam = client(platform, "iam")
        self.documents: dict[PolicyName, Statement] = {}
        self.attached: list[str] = []
        self._held: list[tuple[PolicyName, Permission, Statement]] = []
        for function, name in platform.environment.outputs["function_names"].items():
            live = client(platform, "lambda").get_function_configuration(FunctionName=name, Qualifier="live")
            self._read(function, live["Role"].rpartition("/")[2])

    @property
    def held(self) -> set[Permission]:
        return {permission for _, permission, _ in self._held}

    @contextmanager
    def without(self, *lost: Permission) -> Iterator[None]:
        """Remove exactly these permissions for the length of the block."""
        policies = {policy for policy, permission, _ in self._held if permission in lost}
        try:
            for policy in policies:
                self._write(policy, self._reduced(policy, lost))
            yield
        finally:
            for policy in policies:
                self._write(policy, self.documents[policy])

    def _read(self, function: str, role: str) -> None:
        attached = self._iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
        self.attached += [policy["PolicyArn"] for policy in attached]
        for name in self._iam.list_role_policies(RoleName=role)["PolicyNames"]:
            document = self._iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
            self.documents[role, name] = document
            for statement in document["Statement"]:
                self._held += [((role, name), *each) for each in _taken_apart(function, statement)]

    def _reduced(self, policy: PolicyName, lost: Sequence[Permission]) -> Statement:
        kept = [single for of, permission, single in self._held if of == policy and permission not in lost]
        numbered = [single | {"Sid": f"{single['Sid']}{number}"} for number, single in enumerate(kept)]
        return self.documents[policy] | {"Statement": numbered}

    def _write(self, policy: PolicyName, document: Statement) -> None:
        role, name = policy
        if document["Statement"]:
            self._iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))
        else:  # a policy must have a statement
            self._iam.delete_role_policy(RoleName=role, PolicyName=name)


def _taken_apart(function: str, statement: Statement) -> Iterator[tuple[Permission, Statement]]:
    """Split a statement into one for each action and resource, with the same conditions."""
    resources = _listed(statement["Resource"])
    for action in _listed(statement["Action"]):
        for resource in resources:
            part = (resource.partition("/")[2] or resource) if len(resources) > 1 else ""
            yield (
                Permission(function, statement["Sid"], action, part),
                statement | {"Action": [action], "Resource": [resource]},
            )


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def renew(platform: Platform, function: str) -> None:
    """Stop a function's containers, so that the next call starts a fresh one without caches and connections."""
    folder = f"ministack-lambda-{platform.environment.outputs['function_names'][function]}-"
    emulator = psutil.Process(platform.environment.servers["emulator"].pid)
    for process in emulator.children():
        with suppress(psutil.NoSuchProcess):
            if any(folder in argument for argument in process.cmdline()):
                process.kill()
                until(lambda: _has_ended(process), f"the end of process {process.pid}")  # noqa: B023


def _has_ended(process: psutil.Process) -> bool:
    """Return whether a process has ended; the emulator reaps its children only when it starts a new one."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


class Log:
    """Lines that a function writes to its log group from now on."""

    def __init__(self, platform: Platform, function: str) -> None:
        self._pages = client(platform, "logs").get_paginator("filter_log_events")
        self._group = platform.environment.outputs["log_groups"][function]
        self._start = int(time.time() * 1000)

    def text(self) -> str:
        pages = self._pages.paginate(logGroupName=self._group, startTime=self._start)
        return "\n".join(event["message"].rstrip() for page in pages for event in page["events"])

    def lines(self) -> list[dict[str, Any]]:
        """Return the events that the function's code wrote."""
        found = [json.loads(line) for line in self.text().splitlines() if line.startswith("{")]
        return [line for line in found if "action" in line]
