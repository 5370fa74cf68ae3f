"""Program that runs in .venv-cfn-lint: members of API requests in, what CloudFormation's schemas refuse out.

Standard input: `[{"id", "type", "members", "partial"}, …]`; standard output: `{"findings": [{"id", "rule", "message"}],
"unknown": {"id": [path, …]}}`, the latter being members for which the schema has no property.
"""

import json
import sys
from collections.abc import Iterator
from typing import Any

from cfnlint.api import lint
from cfnlint.config import ManualArgs
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

REGION = "us-east-1"
# CloudFormation allows 500 resources in one template.
LARGEST_TEMPLATE = 200
REQUIRED = ("E3003", "E3058", "E3639")
# Warnings, and checks of a template's own parts: functions, metadata, parameters, mappings, conditions.
OTHER_KINDS = ("W", "I", "E1", "E2", "E4", "E6", "E7", "E8")
NOT_OURS = {
    "E3002": "members without a property are reported on their own",
    "E3019": "one resource appears once for each of its requests",
}


def main() -> None:
    """Translate and check everything on standard input."""
    given = json.load(sys.stdin)
    unknown: dict[str, list[str]] = {}
    resources = {}
    for one in given:
        translation = Translation(one["type"])
        properties = translation.structure(translation.schema, one["members"], "")
        resources[one["id"]] = {"Type": one["type"], "Properties": properties}
        unknown[one["id"]] = translation.unknown
    partial = {one["id"] for one in given if one["partial"]}
    json.dump({"findings": list(findings(resources, partial)), "unknown": unknown}, sys.stdout)


def findings(resources: dict[str, Any], partial: set[str]) -> Iterator[dict[str, str]]:
    """Lint the resources, some at a time."""
    names = list(resources)
    for start in range(0, len(names), LARGEST_TEMPLATE):
        chosen = {name: resources[name] for name in names[start : start + LARGEST_TEMPLATE]}
        template = {"AWSTemplateFormatVersion": "2010-09-09", "Resources": chosen}
        config = ManualArgs(regions=[REGION], ignore_checks=[*OTHER_KINDS, *NOT_OURS])
        for match in lint(json.dumps(template), config=config):
            path = [str(part) for part in match.path or []]
            name = path[1] if len(path) > 1 else ""
            if match.rule.id in REQUIRED and name in partial and len(path) <= 3:
                continue
            where = ".".join(path[3:]) or "properties"
            yield {"id": name, "rule": match.rule.id, "message": f"{where}: {match.message}"}


class Translation:
    """Members of a request as properties of one resource type, matched by name."""

    def __init__(self, resource_type: str) -> None:
        self.schema: Any = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, resource_type).schema
        self.unknown: list[str] = []

    def structure(self, schema: Any, members: dict[str, Any], where: str) -> dict[str, Any]:
        """Translate the members of a structure; a name the schema lacks is noted and left out."""
        properties = self._properties(schema)
        named = {name.lower(): name for name in properties}
        found = {}
        for member, value in members.items():
            name = named.get(member.replace("-", "").replace("_", "").lower())
            if name is None:
                self.unknown.append(f"{where}{member}")
            elif value is not None:
                found[name] = self.value(properties[name], value, f"{where}{member}.")
        return found

    def value(self, schema: Any, value: Any, where: str) -> Any:
        """Translate one value to the type that the schema has for it."""
        schema = self._resolved(schema)
        kinds = self._types(schema)
        if isinstance(value, str):
            return self._from_text(kinds, value)
        if "array" in kinds:
            items = self._resolved(schema.get("items", {}))
            return [self.value(items, one, where) for one in self._list(items, value)]
        if isinstance(value, dict) and self._properties(schema):
            return self.structure(schema, value, where)
        return value

    def _list(self, items: Any, value: Any) -> list[Any]:
        if isinstance(value, list):
            return value
        if not isinstance(value, dict):
            return [value]
        wrapped = [part for part in value.values() if isinstance(part, list)]
        if wrapped and len(value) <= 2:  # {"Rules": […]}, or {"Quantity": 1, "Items": […]}
            return wrapped[0]
        key, content = ("Key", "Value") if "Key" in self._properties(items) else ("Name", "Value")
        return [{key: name, content: text} for name, text in value.items()]

    @staticmethod
    def _from_text(kinds: set[str], text: str) -> Any:
        if "object" in kinds and text[:1] in "{[":
            return json.loads(text)
        if "string" in kinds or not kinds:
            return text
        if "boolean" in kinds and text in ("true", "false"):
            return text == "true"
        return int(text) if text.lstrip("-").isdecimal() else text

    def _properties(self, schema: Any) -> dict[str, Any]:
        schema = self._resolved(schema)
        found = dict(schema.get("properties", {}))
        for choice in ("oneOf", "anyOf", "allOf"):
            for one in schema.get(choice, []):
                for name, content in self._resolved(one).get("properties", {}).items():
                    found.setdefault(name, content)
        return found

    def _types(self, schema: Any) -> set[str]:
        kinds = schema.get("type", [])
        found = {kinds} if isinstance(kinds, str) else set(kinds)
        for choice in ("oneOf", "anyOf"):
            for one in schema.get(choice, []):
                found |= self._types(self._resolved(one))
        return found

    def _resolved(self, schema: Any) -> Any:
        while "$ref" in schema:
            target: Any = self.schema
            for part in schema["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            schema = target
        return schema


if __name__ == "__main__":
    main()
