"""Parameters that Systems Manager refuses."""

import re
from collections.abc import Iterator, Sequence

from aws_requests.request import Request
from aws_requests.rules.checks import Parameters, Problem, each_request, whole_recording
from aws_requests.rules.history import answered

_API = "https://docs.aws.amazon.com/systems-manager/latest/APIReference"
_GUIDE = "https://docs.aws.amazon.com/systems-manager/latest/userguide"
_PUT = "ssm.PutParameter"


@each_request(_PUT, source=f"{_GUIDE}/sysman-paramstore-su-create.html")
def name_syntax(parameters: Parameters) -> Iterator[str]:
    name = parameters["Name"]
    if not re.fullmatch(r"[A-Za-z0-9_./-]{1,1011}", name):
        yield f"the parameter name {name!r} must be letters, digits or _.-/"
    if re.match(r"/?(aws|ssm)", name, re.IGNORECASE):
        yield f"the parameter name {name!r} must not begin with aws or ssm"
    if "/" in name and not name.startswith("/"):
        yield f"the parameter name {name!r} is a path, which begins with a slash"
    if name.count("/") > 15:
        yield "a parameter's path has at most 15 levels"


@each_request(_PUT, source=f"{_API}/API_PutParameter.html")
def values(parameters: Parameters) -> Iterator[str]:
    value, tier = parameters.get("Value", ""), parameters.get("Tier", "Standard")
    limit = 4096 if tier == "Standard" else 8192
    if not 1 <= len(value.encode()) <= limit:
        yield f"the value has {len(value.encode())} bytes; the tier {tier} allows 1 to {limit}"
    if re.search(r"\{\{.*\}\}", value, re.DOTALL):
        yield "a value cannot name another parameter in {{}}"


@each_request(_PUT, source=f"{_API}/API_PutParameter.html")
def key_is_for_secure_strings(parameters: Parameters) -> Iterator[str]:
    if parameters.get("KeyId") and parameters.get("Type", "SecureString") != "SecureString":
        yield "KeyId is for the type SecureString only"


@whole_recording(source=f"{_API}/API_PutParameter.html")
def overwriting(recording: Sequence[Request]) -> Iterator[Problem]:
    existing: set[str] = set()
    for request in answered(recording, _PUT, "ssm.DeleteParameter"):
        name, parameters = request.parameters["Name"], request.parameters
        if request.operation == "DeleteParameter":
            existing.discard(name)
            continue
        if parameters.get("Overwrite") and parameters.get("Tags"):
            yield request, "Tags and Overwrite exclude each other: tag with AddTagsToResource"
        if name in existing and not parameters.get("Overwrite"):
            yield request, f"the parameter {name} exists already"
        if name not in existing and not parameters.get("Type"):
            yield request, "a new parameter needs a type"
        existing.add(name)


@each_request("ssm.GetParameters", "ssm.DeleteParameters", source=f"{_API}/API_GetParameters.html")
def few_at_once(parameters: Parameters) -> Iterator[str]:
    if not 1 <= len(parameters.get("Names") or []) <= 10:
        yield f"{len(parameters.get('Names') or [])} names; one request takes 1 to 10"
