"""The models the simulator knows, read from models.json."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from replicate_simulator.billing import Billing

# A deployment is an account's own name for a model; one is enough to try the route.
DEPLOYMENTS = {"simulator/images": "black-forest-labs/flux-schnell"}
HIDDEN = "hidden"


@dataclass(frozen=True)
class Model:
    """A model with its versions, newest first."""

    owner: str
    name: str
    description: str
    kind: str
    is_official: bool
    versions: list[dict[str, str]]
    input: dict[str, dict[str, Any]]
    output: dict[str, Any]
    billing: Billing
    example: dict[str, Any] | None = None
    ignores_unknown: bool = False

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"

    @property
    def latest(self) -> str:
        return self.versions[0]["id"]

    @property
    def returns_list(self) -> bool:
        return bool(self.output["type"] == "array")

    def value(self, name: str, given: Mapping[str, Any]) -> Any:
        """Return an input as the model sees it: as given, or its default."""
        return given.get(name, self.input.get(name, {}).get("default"))

    def values(self, given: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self.value(name, given) for name in self.input}

    @cached_property
    def input_schema(self) -> dict[str, Any]:
        """The JSON Schema of `input`. Whether real models refuse or ignore unknown names is not established."""
        required = [name for name, schema in self.input.items() if schema.get("required")]
        properties = {
            name: {"title": name.replace("_", " ").title(), "x-order": order}
            | {k: v for k, v in schema.items() if k not in ("required", "media")}
            for order, (name, schema) in enumerate(self.input.items())
        }
        return {
            "type": "object",
            "title": "Input",
            "required": required,
            "properties": properties,
            **({} if self.ignores_unknown else {"additionalProperties": False}),
        }

    def version(self, version_id: str) -> dict[str, Any] | None:
        """Return the version object of the API, or None."""
        found = next((v for v in self.versions if v["id"] == version_id), None)
        return found and found | {"cog_version": "0.16.9", "openapi_schema": self.openapi_schema}

    @property
    def openapi_schema(self) -> dict[str, Any]:
        """The schema as Cog writes it: each enum is a schema of its own, and only `x-order` orders the names."""
        properties = self.input_schema["properties"]
        enums = {
            name: {"title": name, "description": "An enumeration.", "type": schema["type"], "enum": schema["enum"]}
            for name, schema in properties.items()
            if "enum" in schema
        }
        published = {
            name: _referring(name, schema) if name in enums else schema for name, schema in sorted(properties.items())
        }
        schemas = {"Input": self.input_schema | {"properties": published}, "Output": self.output} | enums
        return {
            "openapi": "3.0.2",
            "info": {"title": "Cog", "version": "0.1.0"},
            "paths": {},
            "components": {"schemas": schemas},
        }

    def _finished(self) -> dict[str, Any]:
        ids = {"id": "simulated", "model": self.full_name, "version": HIDDEN if self.is_official else self.latest}
        return ids | {"status": "succeeded", "error": None, "logs": "", "metrics": {"predict_time": 1.0}}

    def render(self, run_count: int) -> dict[str, Any]:
        """Return the model object of the API."""
        return {
            "url": f"https://replicate.com/{self.full_name}",
            "owner": self.owner,
            "name": self.name,
            "description": self.description,
            "visibility": "public",
            "is_official": self.is_official,
            "github_url": None,
            "paper_url": None,
            "license_url": None,
            "run_count": run_count,
            "cover_image_url": None,
            "default_example": self.example and self._finished() | self.example,
            "latest_version": self.version(self.latest),
        }


def _referring(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    own = {key: value for key, value in schema.items() if key not in ("title", "type", "enum")}
    return {"allOf": [{"$ref": f"#/components/schemas/{name}"}]} | own


class Catalogue:
    """Finds models by the names a caller may use."""

    def __init__(self, models: Mapping[str, Model]) -> None:
        self.models = models

    @classmethod
    def read(cls, *, ignore_unknown: bool = False) -> "Catalogue":
        """Return the catalogue in models.json; its models refuse inputs that they do not know, or ignore them."""
        entries = json.loads((Path(__file__).parent / "models.json").read_text())
        models = [
            Model(**entry | {"billing": Billing.read(entry["billing"]), "ignores_unknown": ignore_unknown})
            for entry in entries
        ]
        return cls({model.full_name: model for model in models})

    def find(self, reference: str) -> tuple[Model, str] | None:
        """Return model and version for `owner/name` (official only), `owner/name:64hex` or `64hex`."""
        name, _, version_id = reference.partition(":")
        if "/" not in reference:
            return next(((m, reference) for m in self.models.values() if m.version(reference)), None)
        model = self.models.get(name)
        if model is None:
            return None
        if not version_id:
            return self.official(name)
        return (model, version_id) if model.version(version_id) else None

    def official(self, name: str) -> tuple[Model, str] | None:
        """Return an official model, whose version is hidden, or None."""
        model = self.models.get(name)
        return (model, HIDDEN) if model is not None and model.is_official else None

    def deployment(self, name: str) -> tuple[Model, str] | None:
        """Return the model behind a deployment, or None."""
        target = DEPLOYMENTS.get(name)
        return None if target is None else (self.models[target], self.models[target].latest)
