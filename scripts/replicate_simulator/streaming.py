"""The events of a prediction that was created with `stream`: its output, then an error or the end."""

import json
import time
from collections.abc import Callable, Iterator

from replicate_simulator.answers import Answer, Request, not_found
from replicate_simulator.predictions import Prediction
from replicate_simulator.simulator import Simulator


def stream(simulator: Simulator, _: Request, prediction_id: str) -> Answer:
    """GET /stream/{id}: Replicate serves it on a separate host without a token."""
    prediction = simulator.store.get(prediction_id)
    if prediction is None or not prediction.streams:
        return not_found()
    headers = {"Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-store"}
    return Answer(headers=headers, chunks=_events(prediction))


def _events(prediction: Prediction) -> Iterator[bytes]:
    prediction.ended.wait()
    output = prediction.output if isinstance(prediction.output, list) else [prediction.output]
    if prediction.status == "succeeded":
        yield from (_event("output", str(each)) for each in output)
    if prediction.status == "failed":
        yield _event("error", json.dumps({"detail": prediction.error}))
    else:
        reason = {} if prediction.status == "succeeded" else {"reason": prediction.status}
        yield _event("done", json.dumps(reason))


def _event(name: str, data: str) -> bytes:
    lines = "".join(f"data: {line}\n" for line in data.split("\n"))
    return f"event: {name}\nid: {time.time_ns()}:0\n{lines}\n".encode()


ROUTES: tuple[tuple[str, str, Callable[..., Answer]], ...] = (("GET", "/stream/{prediction_id}", stream),)
