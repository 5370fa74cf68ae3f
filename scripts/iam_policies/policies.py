"""The policies of a set of roles and resources, as Terraform's state has them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from iam_policies.documents import Statement, statements

IDENTITY, TRUST, RESOURCE = "identity", "trust", "resource"


@dataclass(frozen=True)
class Policy:
    """One policy: `name` is its address in Terraform."""

    name: str
    kind: str
    statements: Sequence[Statement]


@dataclass(frozen=True)
class Role:
    """A role with all its policies; `boundary` is an ARN, `managed` are the ARNs of AWS's own policies."""

    name: str
    boundary: str | None
    statements: Sequence[Statement]
    managed: frozenset[str]


def resources(state: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """List the resources in a state as `terraform show -json` prints it."""
    return list(_resources(state["root_module"]))


def policies(state: Mapping[str, Any]) -> list[Policy]:
    """List the policies in a state."""
    return list(_policies(state))


def roles(state: Mapping[str, Any]) -> dict[str, Role]:
    """Return the roles by name, with the policies that are in them or attached to them."""
    found = [(each["type"], each["values"]) for each in resources(state)]
    documents = {values["arn"]: values["policy"] for kind, values in found if kind == "aws_iam_policy"}
    own = [values for kind, values in found if kind == "aws_iam_role"]
    return {values["name"]: _role(values, [each for _, each in found], documents) for values in own}


def _role(values: Mapping[str, Any], resources: Sequence[Mapping[str, Any]], documents: Mapping[str, str]) -> Role:
    own = [each for each in resources if each.get("role") == values["name"]]
    attached = [each["policy_arn"] for each in own if "policy_arn" in each]
    written = [each["policy"] for each in own if "policy" in each] + [
        documents[arn] for arn in attached if arn in documents
    ]
    return Role(
        name=values["name"],
        boundary=values.get("permissions_boundary"),
        statements=[each for document in written for each in statements(document)],
        managed=frozenset(arn for arn in attached if arn not in documents),
    )


def _policies(state: Mapping[str, Any]) -> Iterator[Policy]:
    for resource in resources(state):
        values, kind = resource["values"], resource["type"]
        for argument in ("policy", "assume_role_policy"):
            document = values.get(argument)
            if isinstance(document, str) and '"Statement"' in document:
                yield Policy(
                    name=resource["address"],
                    kind=TRUST if argument != "policy" else IDENTITY if kind.startswith("aws_iam_") else RESOURCE,
                    statements=statements(json.loads(document)),
                )


def _resources(module: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from (each for each in module.get("resources", []) if each["mode"] == "managed")
    for child in module.get("child_modules", []):
        yield from _resources(child)
