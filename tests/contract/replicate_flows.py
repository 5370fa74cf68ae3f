"""Run the usual flows of Replicate's client 2.0.0b4 and print one JSON document; runs in .venv-replicate.

Usage: replicate_flows.py PICTURE-FILE, with REPLICATE_BASE_URL and REPLICATE_API_TOKEN in the environment
"""

import importlib
import json
import sys
from pathlib import Path
from typing import Any

# The tests' own environment has version 1.0.7 of the same package.
replicate: Any = importlib.import_module("replicate")
ModelError: Any = importlib.import_module("replicate.exceptions").ModelError

IMAGE, VIDEO = ("black-forest-labs", "flux-schnell"), ("stability-ai", "stable-video-diffusion")
PROMPT = {"prompt": "a boat"}


def running(client: Any) -> dict[str, Any]:
    """Run models by name and by version, with and without waiting."""
    waited = client.predictions.create(version="/".join(IMAGE), input=PROMPT, prefer="wait=10")
    started = client.models.predictions.create(model_owner=IMAGE[0], model_name=IMAGE[1], input=PROMPT)
    deployed = client.deployments.predictions.create(
        deployment_owner="simulator", deployment_name="images", input=PROMPT
    )
    stuck = client.predictions.create(version="/".join(IMAGE), input={"prompt": "[[fault:never-finishes]]"})
    client.predictions.cancel(prediction_id=stuck.id)
    return {
        "run": client.run("/".join(IMAGE), input=PROMPT),
        "waited": [waited.status, len(waited.output)],
        "started": [started.status, client.predictions.wait(started.id).status],
        "deployed": client.predictions.wait(deployed.id).status,
        "canceled": client.predictions.get(prediction_id=stuck.id).status,
        "failed": failed(client),
        "streamed": [str(each) for each in replicate.use("/".join(IMAGE), streaming=True)(num_outputs=2, **PROMPT)],
        "used": str(replicate.use("/".join(IMAGE))(**PROMPT)[0]),
    }


def failed(client: Any) -> str:
    try:
        client.run("/".join(IMAGE), input={"prompt": "[[fault:nsfw]]"})
    except ModelError as error:
        return str(error)
    return "no error"


def listing(client: Any) -> dict[str, Any]:
    """Read every list with the client, page after page."""
    return {
        "predictions": len(list(client.predictions.list())),
        "models": sorted(f"{model.owner}/{model.name}" for model in client.models.list()),
        "versions": len(list(client.models.versions.list(model_owner=VIDEO[0], model_name=VIDEO[1]))),
        "deployments": [deployment.name for deployment in client.deployments.list()],
        "found": [model.name for model in client.models.search(body="music")],
        "search": [found.model.name for found in client.search(query="image").models],
        "account": client.account.get().username,
        "hardware": len(client.hardware.list()),
        "secret": client.webhooks.default.secret.get().key[:6],
    }


def uploading(client: Any, picture: Path) -> dict[str, Any]:
    """Upload a file by hand and as an input, and delete it."""
    made = client.files.create(content=picture.read_bytes(), filename="boat.png", type="image/png")
    version = client.models.get(model_owner=VIDEO[0], model_name=VIDEO[1]).latest_version.id
    film = client.run(f"{'/'.join(VIDEO)}:{version}", input={"input_image": picture})
    known = [file.id for file in client.files.list()]
    client.files.delete(file_id=made.id)
    return {
        "size": made.size,
        "type": client.files.get(file_id=known[0]).content_type,
        "known": len(known),
        "left": len(list(client.files.list())),
        "film": film,
    }


def main(picture: str) -> None:
    client = replicate.Replicate(max_retries=0)
    results = running(client) | uploading(client, Path(picture)) | listing(client)
    print(json.dumps({"version": replicate.__version__} | results, default=str))


if __name__ == "__main__":
    main(*sys.argv[1:])
