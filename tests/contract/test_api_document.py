"""docs/openapi.json: current, valid, complete; the same routes in Terraform, in the handlers and in the document."""

import ast
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from api_document.compose import Unfitting, compose
from api_document.errors_page import NoRemedy, errors_page, remedy
from api_document.sources import ROOT, SHARED, documents, fragments, refusals, request_schemas, routes
from contract.answers import DOCUMENT, judge
from mediagen.jobs.failures import Failure, all_failures

API: dict[str, Any] = json.loads(DOCUMENT.read_text())
JUDGE = judge()
OPERATIONS = {f"{route}": JUDGE.document["paths"][route.path][route.method] for route in routes()}
SUCCESSES = [(route, status) for route, found in OPERATIONS.items() for status in found["responses"] if status < "300"]


def composed(**changed: Any) -> dict[str, Any]:
    """Compose the document from today's parts, with some of them changed."""
    parts: dict[str, Any] = {
        "shared": json.loads(SHARED.read_text()),
        "fragments": fragments(),
        "routes": routes(),
        "request_schemas": request_schemas(),
        "kinds": refusals(),
        "ends": all_failures(),
    }
    return compose(**(parts | changed))


def examples(content: dict[str, Any]) -> Iterator[Any]:
    """Return the examples of a content, or else the example of its schema."""
    named = [JUDGE.whole(example)["value"] for example in content.get("examples", {}).values()]
    yield from named
    if "example" in content:
        yield content["example"]
    elif not named and "example" in JUDGE.whole(content["schema"]):
        yield JUDGE.whole(content["schema"])["example"]


def contents(part: Any) -> Iterator[dict[str, Any]]:
    """Find everything with a schema and examples: bodies, parameters, headers."""
    if isinstance(part, dict):
        if "schema" in part:
            yield part
        part = list(part.values())
    for child in part if isinstance(part, list) else []:
        yield from contents(child)


@pytest.mark.parametrize("name", ["openapi.json", "errors.md"])
def test_the_document_is_current(name: str) -> None:
    assert (ROOT / "docs" / name).read_text() == documents()[name], "run make openapi"


def test_the_document_is_valid_openapi() -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(API).iter_errors()] == []
    assert API["openapi"].startswith("3.1.")


@pytest.mark.parametrize("function", sorted({route.function for route in routes()}))
def test_a_handlers_docstring_names_its_routes_in_terraform(function: str) -> None:
    module = ast.parse((ROOT / "lambdas" / function / "handler.py").read_text())
    [handler] = [node for node in module.body if isinstance(node, ast.FunctionDef) and node.name == "lambda_handler"]
    said = re.findall(r"[A-Z]+ /[\w/{}.-]*[\w}]", ast.get_docstring(handler) or "")
    assert sorted(said) == sorted(str(route) for route in routes() if route.function == function)


def test_every_operation_has_a_name_of_its_own_a_group_and_a_summary() -> None:
    names = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(names) == len(set(names)) == len(routes())
    groups = {tag["name"] for tag in API["tags"]}
    assert all(len(found["tags"]) == 1 and found["tags"][0] in groups for found in OPERATIONS.values())
    assert all(operation["summary"] for operation in OPERATIONS.values())


@pytest.mark.parametrize("route", routes(), ids=str)
def test_an_operation_requires_a_key_exactly_if_terraform_does(route: Any) -> None:
    security = OPERATIONS[str(route)].get("security", API["security"])
    assert (security == [{"apiKey": []}]) is route.authorized
    assert ("401" in OPERATIONS[str(route)]["responses"]) or not route.authorized


@pytest.mark.parametrize("route", OPERATIONS)
def test_every_answer_has_a_request_id_and_every_failure_is_documented(route: str) -> None:
    answers = {status: JUDGE.whole(answer) for status, answer in OPERATIONS[route]["responses"].items()}
    assert {"429", "500", "503"} <= answers.keys()
    assert all("X-Request-Id" in answer["headers"] for answer in answers.values())
    assert all("Retry-After" in answers[status]["headers"] for status in ("429", "503"))


@pytest.mark.parametrize(("route", "status"), SUCCESSES)
def test_every_json_answer_that_succeeds_has_an_example(route: str, status: str) -> None:
    answer = JUDGE.whole(OPERATIONS[route]["responses"][status])
    found = [list(examples(content)) for kind, content in answer.get("content", {}).items() if "json" in kind]
    assert all(found) or route == "GET /openapi.json"


def test_every_example_matches_its_schema() -> None:
    found = [(part["schema"], example) for part in contents(JUDGE.document) for example in examples(part)]
    assert len(found) > 60
    assert [faults for schema, example in found if (faults := JUDGE.of_schema(schema, example))] == []


def test_the_schema_of_a_component_fits_its_example() -> None:
    schemas = {name: schema for name, schema in JUDGE.document["components"]["schemas"].items() if "example" in schema}
    assert {name: faults for name, one in schemas.items() if (faults := JUDGE.of_schema(one, one["example"]))} == {}


def test_every_refusal_is_documented_by_an_operation() -> None:
    told = {code for operation in OPERATIONS.values() for code in codes(operation)}
    assert told == {kind.code for kind in refusals()}


def codes(operation: dict[str, Any]) -> set[str]:
    """Return the codes that an operation's refusals have."""
    kind = "application/problem+json"
    answers = [JUDGE.whole(answer).get("content", {}) for answer in operation["responses"].values()]
    problems = [content[kind]["schema"] for content in answers if kind in content]
    return {code for schema in problems for code in schema.get("properties", {}).get("code", {}).get("enum", [])}


def test_the_schemas_that_are_compiled_are_the_ones_that_are_served() -> None:
    for schema in request_schemas():
        told = {name: value for name, value in schema.items() if name not in ("$schema", "$id")}
        assert API["components"]["schemas"][schema["title"]] == told


def test_a_route_without_a_fragment_and_a_fragment_without_a_route_are_refused() -> None:
    with pytest.raises(Unfitting, match="is in no fragment"):
        composed(fragments={function: parts for function, parts in fragments().items() if function != "list_jobs"})
    with pytest.raises(Unfitting, match=r"GET /jobs of list_jobs is no route of terraform/api\.tf"):
        composed(routes=[route for route in routes() if route.path != "/jobs"])


def test_a_code_that_no_error_class_has_is_refused() -> None:
    changed = fragments()
    changed["list_jobs"]["/jobs"]["get"]["x-refusals"].append("misspelt")
    with pytest.raises(Unfitting, match="GET /jobs refuses with codes that no error class has: misspelt"):
        composed(fragments=changed)


def test_two_components_of_one_name_are_refused() -> None:
    changed = fragments()
    changed["list_jobs"]["components"]["schemas"]["Job"] = {"type": "object"}
    with pytest.raises(Unfitting, match="components/schemas/Job is defined twice"):
        composed(fragments=changed)


def test_a_failed_job_without_a_remedy_fails_the_build() -> None:
    with pytest.raises(NoRemedy, match="new_code"):
        errors_page([], [Failure("new_code", "A new failure.", retryable=False)])


def test_a_refusal_without_a_remedy_fails_the_build() -> None:
    # Not subclasses, because the next test would find those in the document.
    class Undocumented:
        remedy = "Read the job's status."

    class WithoutRemedy:
        """The job is already in a terminal state."""

    for kind in (Undocumented, WithoutRemedy):
        with pytest.raises(NoRemedy, match="give it a docstring"):
            remedy(kind)  # type: ignore[arg-type]
