"""The usable files of a prediction, as the simulator serves them: what a completed job must have."""

import base64
import hashlib
from collections.abc import Iterator
from email.message import Message
from threading import Event
from typing import Any

from replicate_simulator.answers import Request
from replicate_simulator.files import FilePlan, serve
from replicate_simulator.predictions import Prediction

TEXTS = {"output-text", "output-number"}
_WHOLE = ("honest", "chunked", "close")  # lengths with which a client can read all bytes


def usable_files(prediction: Prediction) -> list[str]:
    """Return the SHA-256 of each file that can be stored, in the order of the output."""
    if prediction.status != "succeeded":
        return []
    contents = (_content(prediction, text) for text in dict.fromkeys(_texts(prediction.output)))
    return [hashlib.sha256(content).hexdigest() for content in contents if content]


def is_text(prediction: Prediction) -> bool:
    """Return whether the output is a text or a number, which is kept as a file of ours."""
    return prediction.status == "succeeded" and not TEXTS.isdisjoint(prediction.faults)


def count_outputs(prediction: Prediction) -> int:
    """Count the links and data URIs of an output, each once."""
    return len({text for text in _texts(prediction.output) if text.startswith(("http", "data:"))})


def _texts(output: Any) -> Iterator[str]:
    if isinstance(output, str):
        yield output
    elif isinstance(output, list | dict):
        for each in output.values() if isinstance(output, dict) else output:
            yield from _texts(each)


def _content(prediction: Prediction, reference: str) -> bytes | None:
    if reference.startswith("data:"):
        return base64.b64decode(reference.partition(",")[2])
    plan = prediction.files.get(reference.rpartition("/")[2])
    return _read(plan) if plan and f"/files/{prediction.id}/" in reference else None


def _read(plan: FilePlan) -> bytes | None:
    answer = serve(plan, Request("GET", "", {}, Message()), Event())
    is_usable = answer.status == 200 and plan.length in _WHOLE and not plan.content_type.startswith("text/html")
    return b"".join(answer.chunks or ()) if is_usable else None
