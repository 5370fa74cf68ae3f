"""Find parts of a policy that AWS accepts but that never apply: unknown actions, resources and condition keys."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from iam_policies import reference
from iam_policies.documents import Statement
from iam_policies.policies import RESOURCE, TRUST, Policy, Role

EVERYTHING = ["*"]


@dataclass(frozen=True)
class Fault:
    """A statement that does not have its apparent effect."""

    policy: str
    sid: str
    rule: str
    what: str

    def __str__(self) -> str:
        return f"{self.policy} {self.sid}: {self.rule}: {self.what}"


def faults(policies: Iterable[Policy]) -> list[Fault]:
    """Check each statement against the Service Authorization Reference."""
    return [
        Fault(policy.name, statement.sid, rule, what)
        for policy in policies
        for statement in policy.statements
        for rule, what in _faults(policy, statement)
    ]


def missing_resources(role: Role) -> Iterator[Fault]:
    """Find actions that need several resources, of which a role's statements cover some only."""
    for name in {action for statement in role.statements for action in statement.actions}:
        granted = [each for each in role.statements if each.effect == "Allow" and name in each.actions]
        resources = [resource for each in granted for resource in each.resources]
        for action in reference.actions(name) if granted else ():
            for kind in sorted(action.required):
                if not _any_overlap(action.resources[kind], resources):
                    yield Fault(
                        role.name, granted[0].sid, "required-resource", f"{name} needs {action.resources[kind]}"
                    )


def _faults(policy: Policy, statement: Statement) -> Iterator[tuple[str, str]]:
    for pattern in statement.actions:
        if pattern != "*" and not reference.actions(pattern):
            yield "unknown-action", f"AWS has no action {pattern}"
    known = [action for pattern in statement.actions for action in reference.actions(pattern)]
    if policy.kind != TRUST and statement.resources != EVERYTHING:  # a trust policy names no resource
        literal = [action for action in known if action.name in statement.actions]
        yield from _only_on_everything(literal, in_resource=policy.kind == RESOURCE)
        yield from _of_resources(statement.resources, known, literal)
    keys = [key for keys in statement.condition.values() for key in keys]
    for action, key in ((action, key) for action in known for key in keys):
        if not reference.has_key(action, key):
            yield "condition-key", f"{action.name} comes without {key}"


def _only_on_everything(literal: Sequence[reference.Action], *, in_resource: bool) -> Iterator[tuple[str, str]]:
    for action in literal:
        if not action.resources and not in_resource:
            yield "only-on-*", f"{action.name} is never about a resource: AWS looks for it on * only"


def _of_resources(
    resources: Sequence[str], known: Sequence[reference.Action], literal: Sequence[reference.Action]
) -> Iterator[tuple[str, str]]:
    for action in literal:
        if action.resources and not _fits(action, resources):
            yield "resource-type", f"{action.name} is about {', '.join(sorted(action.resources.values()))}"
    for resource in resources:
        if known and not any(_fits(action, [resource]) for action in known):
            yield "unused-resource", f"no action of the statement is about {resource}"


def _fits(action: reference.Action, resources: Iterable[str]) -> bool:
    return any(_any_overlap(pattern, resources) for pattern in action.resources.values())


def _any_overlap(pattern: str, resources: Iterable[str]) -> bool:
    return any(reference.may_overlap(pattern, resource) for resource in resources)
