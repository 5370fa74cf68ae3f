"""Secrets that Secrets Manager refuses."""

import re
from collections.abc import Iterator, Sequence

from aws_requests.request import Request
from aws_requests.rules.checks import Parameters, Problem, each_request, whole_recording
from aws_requests.rules.history import answered

_API = "https://docs.aws.amazon.com/secretsmanager/latest/apireference"


@each_request("secretsmanager.CreateSecret", source=f"{_API}/API_CreateSecret.html")
def name_syntax(parameters: Parameters) -> Iterator[str]:
    name = parameters["Name"]
    if not re.fullmatch(r"[A-Za-z0-9/_+=.@-]{1,512}", name):
        yield f"the secret name {name!r} must be 1 to 512 letters, digits or /_+=.@-"
    if re.search(r"-[A-Za-z0-9]{6}$", name):
        yield f"the secret name {name!r} ends like an ARN, so that a partial ARN may find another secret"


@each_request("secretsmanager.CreateSecret", "secretsmanager.PutSecretValue", source=f"{_API}/API_PutSecretValue.html")
def values(parameters: Parameters) -> Iterator[str]:
    text, data = parameters.get("SecretString"), parameters.get("SecretBinary")
    if text is not None and data is not None:
        yield "a secret is either SecretString or SecretBinary"
    if max(len((text or "").encode()), len(data or b"")) > 65_536:
        yield "a secret has at most 65536 bytes"


@each_request("secretsmanager.DeleteSecret", source=f"{_API}/API_DeleteSecret.html")
def recovery(parameters: Parameters) -> Iterator[str]:
    days, forced = parameters.get("RecoveryWindowInDays"), parameters.get("ForceDeleteWithoutRecovery")
    if days is not None and forced:
        yield "RecoveryWindowInDays and ForceDeleteWithoutRecovery exclude each other"
    if days is not None and not 7 <= days <= 30:
        yield f"RecoveryWindowInDays is {days}; Secrets Manager allows 7 to 30"


@whole_recording(source=f"{_API}/API_DeleteSecret.html")
def deleted_names_wait(recording: Sequence[Request]) -> Iterator[Problem]:
    waiting: set[str] = set()
    for request in answered(recording, *_LIFE):
        name = str(request.parameters.get("Name") or request.parameters.get("SecretId"))
        if name.startswith("arn:"):
            name = name.split(":secret:")[1].rpartition("-")[0]
        if request.operation == "CreateSecret" and name in waiting:
            yield request, f"the secret {name} is scheduled for deletion: its name is not free yet"
        if request.operation == "DeleteSecret" and not request.parameters.get("ForceDeleteWithoutRecovery"):
            waiting.add(name)
        elif request.operation == "RestoreSecret":
            waiting.discard(name)


_LIFE = ("secretsmanager.CreateSecret", "secretsmanager.DeleteSecret", "secretsmanager.RestoreSecret")
