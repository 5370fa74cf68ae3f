"""Convert Replicate's model object to a catalogue entry: pure, from one JSON document to another.

Replicate's schemas are those of Cog (https://cog.run/python): OpenAPI 3.0, enums in schemas of their own, order in
`x-order`. What we keep of them is what is checked before a request is sent, and what a client is shown.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from common.problems import SetupProblem

type Schema = Mapping[str, Any]

LONGEST_WORDS = 120  # characters of a description, of which there are dozens
LONGEST_EXAMPLE = 300
KEPT = (
    "type", "enum", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
    "minLength", "maxLength", "pattern", "minItems", "maxItems", "default",
)  # fmt: skip
# Parameters that clients may not set by default.
LEFT_OUT = re.compile(r"disable_safety|safety_tolerance|api_key|api_token|webhook")
KINDS = {"mp4": "video", "webm": "video", "mov": "video", "mp3": "audio", "wav": "audio", "flac": "audio"}
KINDS |= dict.fromkeys(("webp", "png", "jpg", "jpeg", "gif"), "image")


@dataclass(frozen=True)
class Written:
    """An entry, and the model's parameters that it leaves out."""

    entry: dict[str, Any]
    left_out: list[str]


def entry_of(model: Schema, *, pricing: float | None, estimated_seconds: int | None) -> Written:
    """Return the entry of Replicate's model object. Raises SetupProblem if it has no version or no input schema."""
    name = f"{model['owner']}/{model['name']}"
    newest = model.get("latest_version") or {}
    version = name if model.get("is_official") else f"{name}:{newest.get('id')}"
    if not model.get("is_official") and not newest.get("id"):
        raise SetupProblem(f"{name} has no version that can run: choose another model")
    schemas = ((newest.get("openapi_schema") or {}).get("components") or {}).get("schemas") or {}
    asked = (schemas.get("Input") or {}).get("properties")
    if not asked:
        raise SetupProblem(f"Replicate has no input schema for {name}: write its entry by hand (docs/operating.md)")
    order = sorted(asked, key=lambda each: asked[each].get("x-order", len(asked)))
    offered = [each for each in order if not is_left_out(each, asked[each])]
    properties = {each: reduced for each in offered if (reduced := reduce(asked[each], schemas)) is not None}
    sample = str(((model.get("default_example") or {}).get("input") or {}).get("prompt") or "")
    if sample and len(sample) <= LONGEST_EXAMPLE and "default" not in properties.get("prompt", {"default": ""}):
        properties["prompt"]["examples"] = [sample]
    required = [each for each in offered if each in schemas["Input"].get("required", ())]
    entry = {
        "version": version,
        "pricing": pricing,
        "estimatedTime": estimated_seconds,
        "supportedParams": offered,
        "inputSchema": {"required": required, "properties": properties},
    }
    return Written(entry, [each for each in order if each not in offered])


def is_left_out(name: str, definition: Schema) -> bool:
    """Return whether a parameter is not for clients: a secret, or a safety setting of the model's author."""
    secret = definition.get("format") == "password" or definition.get("x-cog-secret")
    return bool(secret or LEFT_OUT.search(name))


def reduce(definition: Schema, schemas: Schema) -> dict[str, Any] | None:
    """Keep of a parameter's schema what we use; None where it may be one of several kinds: only its name is checked."""
    whole = resolved(definition, schemas)
    if whole is None:
        return None
    kept: dict[str, Any] = {name: whole[name] for name in KEPT if whole.get(name) not in (None, "")}
    if "enum" in kept:
        kept.pop("type", None)
    if whole.get("format") == "uri":
        kept["format"] = "uri"
    if "items" in whole:
        kept["items"] = {
            name: value for name, value in (reduce(whole["items"], schemas) or {}).items() if name != "default"
        }
    words = shortened(str(whole.get("description") or ""))
    return {"description": words} | kept if words else kept


def resolved(definition: Schema, schemas: Schema) -> Schema | None:
    """Put what a schema refers to in its place; of a choice with null the other remains: null is leaving it out."""
    choices = definition.get("anyOf") or definition.get("oneOf")
    if choices:
        real = [choice for choice in choices if choice.get("type") != "null"]
        return (
            resolved({**definition, "anyOf": None, "oneOf": None, "allOf": real}, schemas) if len(real) == 1 else None
        )
    whole: dict[str, Any] = {}
    for part in (*(definition.get("allOf") or ()), *_target(definition, schemas)):
        inner = resolved(part, schemas)
        if inner is None:
            return None
        whole |= {name: value for name, value in inner.items() if name not in ("title", "description")}
    return whole | {name: value for name, value in definition.items() if value is not None}


def _target(definition: Schema, schemas: Schema) -> tuple[Schema, ...]:
    name = str(definition.get("$ref") or "").rpartition("/")[2]
    return (schemas[name],) if name in schemas else ()


def shortened(words: str) -> str:
    """Return the first sentence, cut after the last word that fits."""
    first = re.split(r"(?<=[.!?])\s", " ".join(words.split()), maxsplit=1)[0].removesuffix(".")
    if len(first) <= LONGEST_WORDS:
        return first
    return first[: LONGEST_WORDS - 1].rpartition(" ")[0] + "…"


def media_type_of(model: Schema) -> str | None:
    """Derive the media type from the file of the model's example."""
    output = (model.get("default_example") or {}).get("output")
    first = output[0] if isinstance(output, list) and output else output
    return KINDS.get(PurePosixPath(str(first)).suffix.removeprefix(".").lower())
