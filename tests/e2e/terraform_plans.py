"""Contents and changes of a plan, as `terraform show -json` writes it."""

from collections.abc import Iterator
from typing import Any

type Change = tuple[str, str]
"""Type of a resource, and the attribute that would change (`*` if the resource would be made)."""

# The emulator returns hardly more of an alarm than its name.
LOST_OF_ALARMS: dict[Change, str] = {
    ("aws_cloudwatch_metric_alarm", attribute): "lost"
    for attribute in (
        "actions_enabled",
        "alarm_actions",
        "alarm_description",
        "dimensions",
        "ok_actions",
        "period",
        "statistic",
        "treat_missing_data",
    )
}


def changes(plan: dict[str, Any]) -> set[Change]:
    """List the changes of a plan, without reads."""
    return {
        (change["type"], attribute)
        for change in plan["resource_changes"]
        if change["change"]["actions"] not in (["no-op"], ["read"])
        for attribute in _differing(change["change"])
    }


def _differing(change: dict[str, Any]) -> list[str]:
    before, after = change["before"], change["after"] or {}
    if not before:
        return ["*"]
    known = [name for name in after if (before.get(name) or None) != (after.get(name) or None)]  # "" means no change
    if "delete" in change["actions"]:
        return known  # all other attributes of a replaced resource are unknown anyway
    unknown = change["after_unknown"] if isinstance(change["after_unknown"], dict) else {}
    return [*known, *(name for name in unknown if _has_unknown(unknown[name]) and name not in known)]


def _has_unknown(marks: Any) -> bool:
    """Return whether an attribute, or a part of it, is known only after the apply."""
    if isinstance(marks, dict):
        marks = list(marks.values())
    return any(map(_has_unknown, marks)) if isinstance(marks, list) else bool(marks)


def resources(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """List every resource of a plan with `type`, `address` and `values`."""
    modules = [plan["planned_values"]["root_module"]]
    while modules:
        module = modules.pop()
        yield from module.get("resources", [])
        modules += module.get("child_modules", [])


def values_of(value: Any, name: str) -> Iterator[Any]:
    """Find the values of an attribute, at any depth."""
    if isinstance(value, dict):
        if name in value:
            yield value[name]
        for inner in value.values():
            yield from values_of(inner, name)
    if isinstance(value, list):
        for inner in value:
            yield from values_of(inner, name)
