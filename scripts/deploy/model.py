"""Catalogue entries of models: written from Replicate's schema, completed by a person, and stored."""

import json
import re
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from common.problems import SetupProblem
from common.replicate import LIVE_URL, find_model
from deploy.access import NO_TABLE, deployer
from deploy.model_entry import entry_of, media_type_of
from deploy.preflight import Needs, Place, ready
from deploy.secrets import stored_token

FOLDER = Path("models")
MEDIA_TYPES = ("video", "image", "audio")
ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
NAME = re.compile(r"[a-z0-9][a-z0-9._-]*/[a-z0-9][a-z0-9._-]*")
ROOM_IN_TERRAFORM = 3072  # bytes of MODELS, see terraform/variables_models.tf
OPTIONS = {
    "model": "owner/name at Replicate: writes its entry; without it the one of --id is stored as it is",
    "media": "video, image or audio, where the model's example does not tell",
    "id": "what clients will call it; else its name at Replicate",
    "price": "US dollars for one generation",
    "time": "seconds one takes",
}
UNKNOWN = {"pricing": "PRICE (US dollars for one generation)", "estimatedTime": "TIME (seconds one takes)"}


def add_model_options(parser: ArgumentParser) -> None:
    for option, told in OPTIONS.items():
        parser.add_argument(f"--{option}", default="", help=told)


def model(given: Namespace, place: Place) -> None:
    """write a model's catalogue entry (MODEL=owner/name) into models/, and with ENV store it there"""
    if not given.model and not (given.id and given.environment):
        raise SetupProblem(
            "MODEL is missing: for example make model MODEL=black-forest-labs/flux-dev PRICE=0.025 TIME=8; "
            "or ID and ENV, to store an entry that is written"
        )
    path = write(given, place) if given.model else find(place.root, given.id, given.media)
    if given.environment:
        store(path, given, place)


def write(given: Namespace, place: Place) -> Path:
    """Write the entry; keep the values that a person added to an earlier one."""
    if not NAME.fullmatch(given.model):
        raise SetupProblem(f"MODEL={given.model} is not a model: give owner/name, as in the URL of its page")
    found = find_model(token(given, place), given.model, place.environ.get("REPLICATE_BASE_URL") or LIVE_URL)
    media_type = given.media or media_type_of(found) or ""
    if media_type not in MEDIA_TYPES:
        raise SetupProblem(f"the media type of {given.model} is unclear: give MEDIA=video, image or audio")
    model_id = given.id or str(found["name"])
    if not ID.fullmatch(model_id):
        raise SetupProblem(f"ID={model_id} is not a model id: use lower-case letters, digits, dots and dashes")
    path = place.root / FOLDER / media_type / f"{model_id}.json"
    before = read(path)[2] if path.exists() else {}
    pricing = number("PRICE", given.price) if given.price else before.get("pricing")
    seconds = whole("TIME", given.time) if given.time else before.get("estimatedTime")
    made = entry_of(found, pricing=pricing, estimated_seconds=seconds)
    entry = made.entry | {name: before[name] for name in ("defaults", "deadlineSeconds") if name in before}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({media_type: {model_id: entry}}, indent=2, ensure_ascii=False) + "\n")
    _tell(path, entry, made.left_out, given, place)
    return path


def store(path: Path, given: Namespace, place: Place) -> None:
    """Store an entry in an environment's catalogue, replacing one of the same name."""
    media_type, model_id, entry = read(path)
    missing = [told for name, told in UNKNOWN.items() if entry.get(name) is None]
    if missing:
        raise SetupProblem(f"{path.relative_to(place.root)} is incomplete and was not stored: {' and '.join(missing)}")
    deployment = ready(place, given.environment, "model", Needs.NOTHING)
    fields = {"mediaType": media_type, "modelId": model_id, "configuration": entry}
    try:
        deployer(deployment).manage_access("put-model", **fields)
    except SetupProblem as problem:
        if NO_TABLE in str(problem):
            raise SetupProblem(
                f"the database has no tables yet: run make migrate ENV={given.environment} first"
            ) from None
        raise
    place.progress.note(f"Stored in {deployment}: {media_type} model {model_id}, for all clients within a minute")


def find(root: Path, model_id: str, media_type: str = "") -> Path:
    """Find the written entry of a model. Raises SetupProblem if there is none or more than one."""
    found = sorted((root / FOLDER).glob(f"{media_type or '*'}/{model_id}.json")) if ID.fullmatch(model_id) else []
    if not found:
        raise SetupProblem(f"there is no {FOLDER}/<media type>/{model_id}.json: give MODEL=owner/name, which writes it")
    if len(found) > 1:
        raise SetupProblem(f"{len(found)} models have the id {model_id}: give MEDIA=video, image or audio")
    return found[0]


def read(path: Path) -> tuple[str, str, dict[str, Any]]:
    """Read an entry with its media type and id. Raises SetupProblem for a file of another form."""
    try:
        [(media_type, models)] = json.loads(path.read_text()).items()
        [(model_id, entry)] = models.items()
        return str(media_type), str(model_id), dict(entry)
    except (ValueError, AttributeError, TypeError):
        raise SetupProblem(f'{path} must contain exactly one entry: {{"image": {{"<id>": {{…}}}}}}') from None


def token(given: Namespace, place: Place) -> str:
    """Read Replicate's token from REPLICATE_API_TOKEN, or from the environment's secret."""
    here = place.environ.get("REPLICATE_API_TOKEN", "").strip()
    if here:
        return here
    if not given.environment:
        raise SetupProblem("there is no Replicate API token: export REPLICATE_API_TOKEN, or give an ENV that has one")
    return stored_token(ready(place, given.environment, "model", Needs.NOTHING))


def number(name: str, text: str) -> float:
    """Parse a number of 0 or more. Raises SetupProblem."""
    if not re.fullmatch(r"\d+(\.\d+)?", text):
        raise SetupProblem(f"{name}={text} is not a number of 0 or more")
    return float(text)


def whole(name: str, text: str) -> int:
    """Parse a whole number of at least 1. Raises SetupProblem."""
    if not re.fullmatch(r"[1-9]\d{0,5}", text):
        raise SetupProblem(f"{name}={text} is not a whole number of seconds")
    return int(text)


def _tell(path: Path, entry: dict[str, Any], left_out: list[str], given: Namespace, place: Place) -> None:
    note, where = place.progress.note, path.relative_to(place.root)
    size = len(json.dumps(json.dumps(entry)).encode())
    count = len(entry["supportedParams"])
    note(f"{where}: {count} parameters, {size} bytes (Terraform's models have {ROOM_IN_TERRAFORM} together)")
    if left_out:
        note(f"  · left out, as no client's to decide: {', '.join(left_out)}")
    for name, told in UNKNOWN.items():
        if entry[name] is None:
            note(f"  · {name} is missing, Replicate does not tell it: give {told}, or write it into the file")
    if not given.environment:
        note(f"Next: read it, then make model ID={path.stem} ENV=homolog")
