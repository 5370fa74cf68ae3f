"""Build the output of a prediction: its files, and the structure around their links, with faults."""

import base64
import math
from dataclasses import replace
from typing import Any

from replicate_simulator.files import FilePlan
from replicate_simulator.media import CONTENT_TYPES, Media, recipe
from replicate_simulator.predictions import Prediction

_MEGABYTE = 1024 * 1024
_PAGE = "<!doctype html><html><title>Sorry</title><p>This is a web page, not media.</html>\n"


def make_output(prediction: Prediction, media: Media, url: str) -> Any:
    """Make the files of a prediction and return its output."""
    shape = _without_files(prediction.faults)
    if shape is not None:
        return shape[0]
    links = [_add_file(prediction, media, index, url) for index in range(_count(prediction))]
    return _shaped(prediction, media, links)


def _without_files(faults: dict[str, dict[str, Any]]) -> tuple[Any] | None:
    if "output-null" in faults:
        return (None,)
    if "output-empty-list" in faults:
        return ([],)
    if "output-empty-string" in faults:
        return ("",)
    if "output-number" in faults:
        return (faults["output-number"]["value"],)
    if "output-text" in faults:
        return (faults["output-text"]["text"],)
    return None


def _count(prediction: Prediction) -> int:
    many = prediction.faults.get("output-many")
    return int(many["count"] if many else prediction.input.get("num_outputs", 1))


def _shaped(prediction: Prediction, media: Media, links: list[str]) -> Any:
    faults = prediction.faults
    for name in ("output-foreign-host", "output-private-address"):
        if name in faults:
            links = [faults[name]["url"]] * len(links)
    if "output-data-uri" in faults:
        links = [_data_uri(plan) for plan in prediction.files.values()]
    if "output-nested" in faults:
        return {"files": [links]}
    if "output-nulls" in faults:
        return [None, *links, ""]
    if "output-odd-values" in faults:
        return [*links, math.nan, math.inf, "\ud800", "\x00"]
    if "output-object" in faults:
        return {"image": links[0]}
    if "output-object-list" in faults:
        return [{"file": link} for link in links]
    return links if prediction.model.returns_list or "output-many" in faults else links[0]


def _add_file(prediction: Prediction, media: Media, index: int, url: str) -> str:
    model = prediction.model
    given = model.values(prediction.input) if model.kind == "video" else prediction.input
    path, size = media.file(recipe(model.kind, given, index))
    extension = path.suffix[1:]
    name = f"out-{index}.{extension}"
    plan = FilePlan(path, CONTENT_TYPES[extension], size)
    prediction.files[name] = _spoilt(plan, prediction.faults, media)
    return f"{url}/files/{prediction.id}/{name}"


def _spoilt(plan: FilePlan, faults: dict[str, dict[str, Any]], media: Media) -> FilePlan:
    for name, options in faults.items():
        match name:
            case "output-redirect-private" | "output-redirect-foreign":
                plan = replace(plan, location=options["to"])
            case "output-redirect-loop":
                plan = replace(plan, location="")
            case "output-gone":
                plan = replace(plan, status=404)
            case "output-octet-stream":
                plan = replace(plan, content_type=options["type"])
            case "output-html":
                page = media.text("page.html", _PAGE)
                plan = replace(plan, path=page, content_type="text/html; charset=utf-8", size=len(_PAGE))
            case "output-empty":
                plan = replace(plan, size=0)
            case "output-truncated":
                plan = replace(plan, size=plan.size // 2)
            case "output-blob":
                size = max(plan.size, int(float(options["megabytes"]) * _MEGABYTE))
                plan = replace(plan, size=size, length=options["length"])
            case "output-cut":
                plan = replace(plan, size=plan.size // 2, length="long")
            case "output-slow":
                plan = replace(plan, seconds=float(options["seconds"]))
    return plan


def _data_uri(plan: FilePlan) -> str:
    content = base64.b64encode(plan.path.read_bytes()[: plan.size]).decode()
    return f"data:{plan.content_type};base64,{content}"
