"""Routes for uploaded files, deployments, hardware, collections and search."""

from collections.abc import Callable, Iterator
from typing import Any

from replicate_simulator.answers import OTHER_LIMIT, Answer, Refusal, Request, as_json, not_found, problem
from replicate_simulator.catalogue import DEPLOYMENTS, Model
from replicate_simulator.paging import whole
from replicate_simulator.simulator import Simulator
from replicate_simulator.uploads import Upload

_HARDWARE = [
    {"name": "CPU", "sku": "cpu"},
    {"name": "Nvidia L40S GPU", "sku": "gpu-l40s"},
    {"name": "Nvidia A100 (80GB) GPU", "sku": "gpu-a100-large"},
]


def create_file(simulator: Simulator, request: Request) -> Answer:
    return as_json(simulator.uploads.add(request).render(simulator.uploads.url), 201)


def list_files(simulator: Simulator, request: Request) -> Answer:
    uploads = simulator.uploads
    return as_json(whole([upload.render(uploads.url) for upload in uploads.of(request.account)]))


def get_file(simulator: Simulator, request: Request, file_id: str) -> Answer:
    return as_json(_upload(simulator, request, file_id).render(simulator.uploads.url))


def delete_file(simulator: Simulator, request: Request, file_id: str) -> Answer:
    return simulator.uploads.remove(_upload(simulator, request, file_id))


def download_file(simulator: Simulator, request: Request, file_id: str) -> Answer:
    upload = _upload(simulator, request, file_id)
    return Answer(200, upload.content, {"Content-Type": upload.content_type, **OTHER_LIMIT})


def _upload(simulator: Simulator, request: Request, file_id: str) -> Upload:
    upload = simulator.uploads.find(request.account, file_id)
    if upload is None:
        raise Refusal(not_found())
    return upload


def query_models(simulator: Simulator, request: Request) -> Answer:
    """QUERY /v1/models: the body is the text to look for; client 2.0.0b4 sends it in quotes, as JSON."""
    found = _matching(simulator, request.body.decode(errors="replace").strip('"'))
    return as_json(whole([model.render(0) for model in found]))


def search(simulator: Simulator, request: Request) -> Answer:
    """GET /v1/search?query=…&limit=…: models with the search's metadata."""
    query = request.query.get("query")
    if not query:
        return problem(400, "query is required", "Bad request")
    limit = request.query.get("limit", "20")
    found = list(_matching(simulator, query))[: int(limit) if limit.isdecimal() else 20]
    models = [{"model": model.render(0), "metadata": {"score": 1.0, "tags": [model.kind]}} for model in found]
    return as_json({"query": query, "models": models, "collections": [], "pages": []})


def _matching(simulator: Simulator, text: str) -> Iterator[Model]:
    words = text.lower().split()
    for model in simulator.catalogue.models.values():
        if all(word in f"{model.full_name} {model.description}".lower() for word in words):
            yield model


def list_deployments(simulator: Simulator, _: Request) -> Answer:
    return as_json(whole([_deployment(simulator, name) for name in DEPLOYMENTS]))


def get_deployment(simulator: Simulator, _: Request, owner: str, name: str) -> Answer:
    deployment = f"{owner}/{name}"
    return as_json(_deployment(simulator, deployment)) if deployment in DEPLOYMENTS else not_found()


def _deployment(simulator: Simulator, full_name: str) -> dict[str, Any]:
    owner, _, name = full_name.partition("/")
    model = simulator.catalogue.models[DEPLOYMENTS[full_name]]
    who = {"type": "organization", "username": owner, "name": owner, "avatar_url": None, "github_url": None}
    release = {
        "number": 1,
        "model": model.full_name,
        "version": model.latest,
        "created_at": model.versions[0]["created_at"],
        "created_by": who,
        "configuration": {"hardware": "gpu-a100-large", "min_instances": 0, "max_instances": 1},
    }
    return {"owner": owner, "name": name, "current_release": release}


def list_hardware(_simulator: Simulator, _request: Request) -> Answer:
    return as_json(_HARDWARE)


def list_collections(_simulator: Simulator, _request: Request) -> Answer:
    return as_json(whole([]))


ROUTES: tuple[tuple[str, str, Callable[..., Answer]], ...] = (
    ("POST", "/v1/files", create_file),
    ("GET", "/v1/files", list_files),
    ("GET", "/v1/files/{file_id}", get_file),
    ("DELETE", "/v1/files/{file_id}", delete_file),
    ("GET", "/v1/files/{file_id}/download", download_file),
    ("QUERY", "/v1/models", query_models),
    ("GET", "/v1/search", search),
    ("GET", "/v1/deployments", list_deployments),
    ("GET", "/v1/deployments/{owner}/{name}", get_deployment),
    ("GET", "/v1/hardware", list_hardware),
    ("GET", "/v1/collections", list_collections),
)
