"""Keys and aliases that KMS refuses."""

import re
from collections.abc import Iterator

from aws_requests.rules.checks import Parameters, each_request
from aws_requests.rules.grammar import document_problems
from aws_requests.rules.policies import matcher, statements, texts

_API = "https://docs.aws.amazon.com/kms/latest/APIReference"
_POLICY = ("kms.CreateKey", "kms.PutKeyPolicy")


@each_request(*_POLICY, source="https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html")
def policy_grammar(parameters: Parameters) -> Iterator[str]:
    if parameters.get("Policy"):
        yield from document_problems(parameters["Policy"], kind="resource")
        if len(parameters["Policy"].encode()) > 32_768:
            yield "a key's policy has at most 32 KB"


@each_request(*_POLICY, source=f"{_API}/API_CreateKey.html#KMS-CreateKey-request-BypassPolicyLockoutSafetyCheck")
def policy_stays_changeable(parameters: Parameters) -> Iterator[str]:
    if not parameters.get("Policy") or parameters.get("BypassPolicyLockoutSafetyCheck"):
        return
    for statement in statements(parameters["Policy"]):
        allowed = any(
            matcher(action, of_action=True).fullmatch("kms:PutKeyPolicy") for action in texts(statement.get("Action"))
        )
        principal = statement.get("Principal")
        named = texts(principal.get("AWS")) if isinstance(principal, dict) else texts(principal)
        if statement.get("Effect") == "Allow" and allowed and named:
            return
    yield "the key policy could never be changed: it must allow kms:PutKeyPolicy"


@each_request("kms.CreateAlias", "kms.UpdateAlias", source=f"{_API}/API_CreateAlias.html")
def aliases(parameters: Parameters) -> Iterator[str]:
    name = parameters["AliasName"]
    if not re.fullmatch(r"alias/[A-Za-z0-9/_-]{1,250}", name):
        yield f"the alias {name!r} must be alias/ and letters, digits or /_-"
    if name.startswith("alias/aws/"):
        yield "aliases that begin with alias/aws/ belong to AWS"


@each_request("kms.ScheduleKeyDeletion", source=f"{_API}/API_ScheduleKeyDeletion.html")
def deletion_waits(parameters: Parameters) -> Iterator[str]:
    if not 7 <= parameters.get("PendingWindowInDays", 30) <= 30:
        yield f"PendingWindowInDays is {parameters['PendingWindowInDays']}; KMS allows 7 to 30"
