"""What a plan, as `terraform show -json` writes it, holds and would change."""

from collections.abc import Iterator
from typing import Any

type Change = tuple[str, str]
"""Type of a resource, and the attribute that would change (`*` if the resource would be made)."""

# Alarms come back from the emulator with hardly more than their names.
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
    """List what would change; reading is no change."""
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
    known = [name for name in after if (before.get(name) or None) != (after.get(name) or None)]  # "" is none
    if "delete" in change["actions"]:
        return known  # of what is replaced, all else is unknown anyway
    unknown = change["after_unknown"] if isinstance(change["after_unknown"], dict) else {}
    return [*known, *(name for name in unknown if _has_unknown(unknown[name]) and name not in known)]


def _has_unknown(marks: Any) -> bool:
    """Return whether an attribute, or a part of it, is known after the apply only."""
    if isinstance(marks, dict):
        marks = list(marks.values())
    return any(map(_has_unknown, marks)) if isinstance(marks, list) else bool(marks)


def resources(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """List every resource a plan leads to, with `type`, `address` and `values`."""
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
