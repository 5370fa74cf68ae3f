"""Roles and policies that IAM refuses."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from aws_requests.request import Request
from aws_requests.rules.checks import Parameters, Problem, each_request, whole_recording
from aws_requests.rules.grammar import document_problems
from aws_requests.rules.history import answered

_GUIDE = "https://docs.aws.amazon.com/IAM/latest/UserGuide"
_QUOTAS = f"{_GUIDE}/reference_iam-quotas.html"
_GRAMMAR = f"{_GUIDE}/reference_policies_grammar.html"


@each_request("iam.PutRolePolicy", "iam.CreatePolicy", "iam.CreatePolicyVersion", source=_GRAMMAR)
def policy_grammar(parameters: Parameters) -> Iterator[str]:
    yield from document_problems(parameters.get("PolicyDocument") or "", kind="identity")


@each_request("iam.CreateRole", "iam.UpdateAssumeRolePolicy", source=_GRAMMAR)
def trust_grammar(parameters: Parameters) -> Iterator[str]:
    text = parameters.get("AssumeRolePolicyDocument") or parameters.get("PolicyDocument") or ""
    yield from document_problems(text, kind="trust")
    if _size(text) > 2048:
        yield f"the trust policy has {_size(text)} characters; IAM allows 2048"


@each_request("iam.CreateRole", source=_QUOTAS)
def role_name(parameters: Parameters) -> Iterator[str]:
    if not re.fullmatch(r"[\w+=,.@-]{1,64}", parameters["RoleName"], re.ASCII):
        yield f"the role name {parameters['RoleName']!r} must be 1 to 64 letters, digits or one of +=,.@_-"
    if not re.fullmatch(r"[\t\n\r\x20-\x7e\xa1-\xff]{0,1000}", parameters.get("Description") or ""):
        yield "a role's description has at most 1000 characters of Latin-1"
    if not 3600 <= (parameters.get("MaxSessionDuration") or 3600) <= 43_200:
        yield f"MaxSessionDuration is {parameters['MaxSessionDuration']} s; IAM allows 3600 to 43200"
    if not re.fullmatch(r"/([\x21-\x7e]+/)?", parameters.get("Path") or "/"):
        yield f"the path {parameters['Path']!r} must begin and end with a slash"


@each_request("iam.CreateRole", "iam.PutRolePermissionsBoundary", source=f"{_GUIDE}/access_policies_boundaries.html")
def boundary_is_a_policy(parameters: Parameters) -> Iterator[str]:
    boundary = parameters.get("PermissionsBoundary")
    if boundary and not re.fullmatch(r"arn:[\w-]+:iam::(\d{12}|aws):policy/.+", boundary):
        yield f"the permissions boundary {boundary!r} must be the ARN of a managed policy"


@each_request("iam.PutRolePolicy", "iam.CreatePolicy", source=_QUOTAS)
def policy_name(parameters: Parameters) -> Iterator[str]:
    if not re.fullmatch(r"[\w+=,.@-]{1,128}", parameters["PolicyName"], re.ASCII):
        yield f"the policy name {parameters['PolicyName']!r} must be 1 to 128 letters, digits or one of +=,.@_-"


@each_request("iam.CreatePolicy", "iam.CreatePolicyVersion", source=_QUOTAS)
def managed_policy_size(parameters: Parameters) -> Iterator[str]:
    if (size := _size(parameters["PolicyDocument"])) > 6144:
        yield f"the managed policy has {size} characters without white space; IAM allows 6144"


@whole_recording(source=_QUOTAS)
def inline_policies_size(recording: Sequence[Request]) -> Iterator[Problem]:
    sizes: dict[str, dict[str, int]] = {}
    for request in recording:
        parameters = request.parameters
        role = sizes.setdefault(parameters.get("RoleName", ""), {})
        if request.name == "iam.PutRolePolicy":
            role[parameters["PolicyName"]] = _size(parameters["PolicyDocument"])
            if sum(role.values()) > 10_240:
                yield (
                    request,
                    f"the role's inline policies have {sum(role.values())} characters; IAM allows 10240 in all",
                )
        elif request.name == "iam.DeleteRolePolicy":
            role.pop(parameters["PolicyName"], None)


@whole_recording(source="https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html")
def deleted_role_is_empty(recording: Sequence[Request]) -> Iterator[Problem]:
    holds: dict[Any, set[str]] = {}
    for request in answered(recording, *_OF_ROLE):
        role = holds.setdefault(request.parameters["RoleName"], set())
        policy = request.parameters.get("PolicyName") or request.parameters.get("PolicyArn") or ""
        if request.operation.startswith(("Put", "Attach")):
            role.add(policy)
        elif request.operation == "DeleteRole":
            if role:
                yield request, f"the role still has the policies {sorted(role)}"
            role.clear()
        else:
            role.discard(policy)


_OF_ROLE = (
    "iam.PutRolePolicy",
    "iam.DeleteRolePolicy",
    "iam.AttachRolePolicy",
    "iam.DetachRolePolicy",
    "iam.DeleteRole",
)


@whole_recording(source=_QUOTAS)
def attached_policies_are_few(recording: Sequence[Request]) -> Iterator[Problem]:
    attached: dict[str, set[str]] = {}
    for request in answered(recording, "iam.AttachRolePolicy", "iam.DetachRolePolicy"):
        policies = attached.setdefault(request.parameters["RoleName"], set())
        if request.operation.startswith("Detach"):
            policies.discard(request.parameters["PolicyArn"])
        else:
            policies.add(request.parameters["PolicyArn"])
            if len(policies) > 10:
                yield request, f"the role has {len(policies)} managed policies; IAM allows 10"


@each_request("iam.CreateOpenIDConnectProvider", source=f"{_GUIDE}/id_roles_providers_create_oidc.html")
def token_provider(parameters: Parameters) -> Iterator[str]:
    if not parameters["Url"].startswith("https://") or "?" in parameters["Url"]:
        yield "the URL of an OpenID Connect provider starts with https:// and has no query"


def _size(document: str) -> int:
    """Count as IAM does: without white space."""
    return len(re.sub(r"\s", "", document))
