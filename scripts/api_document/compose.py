"""Compose the OpenAPI document: the functions' fragments in the order of the routes, and the shared parts.

A fragment has path items, and under `components` what only its function needs. In an operation `x-refusals` lists its
refusal codes: their responses are made from the error classes. The parts of every answer are added here, so that no
function can omit them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api_document.problems import component_responses, refused, without_answer
from mediagen.errors.refusals import Refusal
from mediagen.jobs.failures import Failure
from mediagen.jobs.left_out import REASONS

type Json = dict[str, Any]


@dataclass(frozen=True)
class Route:
    """A route: the function it calls, and whether the authorizer comes first."""

    method: str
    path: str
    function: str
    authorized: bool

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"


class Unfitting(SystemExit):
    """The fragments contradict each other or the routes; the message is the build's last line."""


def compose(
    shared: Json,
    fragments: Mapping[str, Json],
    routes: Sequence[Route],
    request_schemas: Sequence[Json],
    kinds: Sequence[type[Refusal]],
    ends: Sequence[Failure],
) -> Json:
    """Compose the document. Raises Unfitting."""
    _all_are_routed(fragments, routes)
    examples, groups = shared.pop("x-problems"), shared["tags"]
    components = _components(shared["components"], fragments, request_schemas)
    components["responses"] = component_responses(kinds, examples) | components.get("responses", {})
    _fill_in_codes(components["schemas"], kinds, ends)
    paths: Json = {}
    for route in routes:
        operation = _operation(route, fragments)
        operation = {"tags": [_group(route, groups)]} | _completed(operation, route, kinds, examples)
        paths.setdefault(route.path, _about_path(route, fragments))[route.method] = operation
    tags = [{name: value for name, value in tag.items() if name != "x-paths"} for tag in groups]
    return shared | {"tags": tags, "paths": paths, "components": components}


def _all_are_routed(fragments: Mapping[str, Json], routes: Sequence[Route]) -> None:
    """Check that the fragments describe exactly the routes of Terraform."""
    routed = {(route.function, route.path, route.method) for route in routes}
    described = {
        (function, path, method)
        for function, fragment in fragments.items()
        for path, item in fragment.items()
        if path.startswith("/")
        for method in item
        if method not in ("parameters", "summary", "description")
    }
    for function, path, method in sorted(routed ^ described):
        where = "is in no fragment" if (function, path, method) in routed else "is no route of terraform/api.tf"
        raise Unfitting(f"{method.upper()} {path} of {function} {where}")


def _components(shared: Json, fragments: Mapping[str, Json], request_schemas: Sequence[Json]) -> Json:
    """Merge the components of all fragments; the same name must have the same content."""
    schemas = {schema["title"]: _without_dialect(schema) for schema in request_schemas}
    found: Json = {kind: dict(parts) for kind, parts in shared.items()}
    brought = [fragment.get("components", {}) for fragment in fragments.values()]
    for components in ({"schemas": schemas}, *brought):
        for kind, parts in components.items():
            for name, part in parts.items():
                if found.setdefault(kind, {}).setdefault(name, part) != part:
                    raise Unfitting(f"components/{kind}/{name} is defined twice with different content")
    return found


def _without_dialect(schema: Json) -> Json:
    """Take a schema into the document, whose dialect counts; what we use of JSON Schema means the same in both."""
    return {name: value for name, value in schema.items() if name not in ("$schema", "$id")}


def _fill_in_codes(schemas: Json, kinds: Sequence[type[Refusal]], ends: Sequence[Failure]) -> None:
    schemas["Problem"]["properties"]["code"]["enum"] = [kind.code for kind in kinds]
    schemas["JobError"]["properties"]["code"]["enum"] = [end.code for end in ends]
    schemas["LeftOut"]["properties"]["code"]["enum"] = list(REASONS)


def _operation(route: Route, fragments: Mapping[str, Json]) -> Json:
    found: Json = fragments[route.function][route.path][route.method]
    return found


def _about_path(route: Route, fragments: Mapping[str, Json]) -> Json:
    """Copy what a fragment declares for all operations of a path."""
    item = fragments[route.function][route.path]
    return {name: item[name] for name in ("summary", "description", "parameters") if name in item}


def _group(route: Route, groups: Sequence[Json]) -> str:
    """Find the group of a route, by the longest beginning of its path."""
    fitting = [
        (len(start), tag["name"])
        for tag in groups
        for start in tag["x-paths"]
        if f"{route.path}/".startswith(f"{start}/")
    ]
    if not fitting:
        raise Unfitting(f"{route} belongs to no group: see the tags of openapi.shared.json")
    return str(max(fitting)[1])


def _completed(operation: Json, route: Route, kinds: Sequence[type[Refusal]], examples: Json) -> Json:
    """Add the shared parts to an operation: the request's id, its refusals, and the gateway's own answers."""
    refusals = operation.get("x-refusals", [])
    unknown = set(refusals) - {kind.code for kind in kinds}
    if unknown:
        raise Unfitting(f"{route} refuses with codes that no error class has: {', '.join(sorted(unknown))}")
    answers = {status: _with_request_id(answer) for status, answer in operation.get("responses", {}).items()}
    always = {"internal_error"} | ({"unauthorized", "too_many_failures"} if route.authorized else set())
    told = [kind for kind in kinds if kind.code in {*refusals, *always}]
    for status in sorted({kind.status for kind in told}):
        of_status = [kind for kind in told if kind.status == status]
        answers.setdefault(str(int(status)), refused(status, of_status, kinds, examples))
    for always_there in ("429", "503"):  # the gateway's throttling, and its answer if a function fails
        answers.setdefault(always_there, without_answer(always_there))
    kept = {name: value for name, value in operation.items() if name not in ("x-refusals", "responses", "tags")}
    closed: Json = {} if route.authorized or "security" in operation else {"security": []}
    return kept | closed | {"responses": dict(sorted(answers.items()))}


def _with_request_id(answer: Json) -> Json:
    if "$ref" in answer:
        return answer
    always = {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}}
    return answer | {"headers": always | answer.get("headers", {})}
