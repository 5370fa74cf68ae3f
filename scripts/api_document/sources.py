"""Sources of the documents: fragments, request schemas, error classes, and Terraform's routes."""

import json
import re
from pathlib import Path
from typing import Any

from api_document.compose import Route, compose
from api_document.errors_page import errors_page
from mediagen.errors.refusals import InternalError, Refusal
from mediagen.jobs import failures

ROOT = Path(__file__).resolve().parents[2]
LAMBDAS = ROOT / "lambdas"
SHARED = LAMBDAS / "show_api" / "openapi.shared.json"
_ROUTE = re.compile(
    r'"([A-Z]+) (/[^"]*)"\s*=\s*\{\s*function\s*=\s*module\.(\w+)\.live,\s*authorized\s*=\s*(true|false)'
)
_KEY = re.compile(r'^\s*"[A-Z]+ /', re.MULTILINE)


def routes() -> list[Route]:
    """Read the routes of terraform/api.tf in their order. Raises ValueError for an unknown form."""
    text = (ROOT / "terraform" / "api.tf").read_text()
    found = [
        Route(method.lower(), path, function, told == "true") for method, path, function, told in _ROUTE.findall(text)
    ]
    if len(found) != len(_KEY.findall(text)):
        raise ValueError(
            'a route of terraform/api.tf is not "METHOD /path" = { function = module.….live, authorized = …'
        )
    return found


def fragments() -> dict[str, dict[str, Any]]:
    """Read each function's fragment, by the function's name."""
    return {path.parent.name: json.loads(path.read_text()) for path in sorted(LAMBDAS.glob("*/openapi.json"))}


def request_schemas() -> list[dict[str, Any]]:
    """Read the schemas that are compiled into validators."""
    found = [path for top in (LAMBDAS, ROOT / "layers") for path in sorted(top.rglob("request.schema.json"))]
    return [json.loads(path.read_text()) for path in found]


def refusals() -> list[type[Refusal]]:
    """List the refusals that a client can receive by status, each in the order of the source."""
    return sorted([InternalError, *_below(Refusal)], key=lambda kind: kind.status)


def _below(kind: type[Refusal]) -> list[type[Refusal]]:
    children = [child for child in kind.__subclasses__() if child is not InternalError]
    return [found for child in children for found in (child, *_below(child))]


def documents() -> dict[str, str]:
    """Compose both documents, by file name."""
    shared = json.loads(SHARED.read_text())
    kinds, ends = refusals(), failures.all_failures()
    document = compose(shared, fragments(), routes(), request_schemas(), kinds, ends)
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    return {"openapi.json": text, "errors.md": errors_page(kinds, ends)}
