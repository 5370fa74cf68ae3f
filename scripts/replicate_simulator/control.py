"""The control API: faults, counts and manual webhooks; it needs no token because it serves only this machine."""

import json
from collections.abc import Callable
from typing import Any

from replicate_simulator.answers import Answer, Refusal, Request, as_json, not_found, problem
from replicate_simulator.fault_names import FAULTS
from replicate_simulator.predictions import Prediction
from replicate_simulator.simulator import Simulator

_TAMPERINGS = (None, "body", "signature")


def _data(request: Request) -> Any:
    try:
        return json.loads(request.body or b"{}")
    except ValueError:
        raise Refusal(problem(400, "The request body is not valid JSON.")) from None


def _find(simulator: Simulator, prediction_id: str) -> Prediction:
    prediction = simulator.store.get(prediction_id)
    if prediction is None:
        raise Refusal(not_found())
    return prediction


def add_faults(simulator: Simulator, request: Request) -> Answer:
    """Add one rule or a list of rules."""
    given = _data(request)
    entries = given if isinstance(given, list) else [given]
    if not all(isinstance(entry, dict) for entry in entries):
        return problem(422, "A rule is an object, or a list of objects.")
    try:
        simulator.add_faults(*entries)
    except ValueError as mistake:
        return problem(422, str(mistake))
    return list_faults(simulator, request)


def list_faults(simulator: Simulator, _: Request) -> Answer:
    known = {name: {"summary": f.summary, "options": f.options, "on": f.on} for name, f in FAULTS.items()}
    return as_json({"rules": simulator.faults.listed(), "known": known}, headers={})


def clear_faults(simulator: Simulator, request: Request) -> Answer:
    simulator.faults.clear()
    return list_faults(simulator, request)


def report(simulator: Simulator, _: Request) -> Answer:
    return as_json(simulator.report(), headers={})


def deliveries(simulator: Simulator, _: Request) -> Answer:
    return as_json({"deliveries": list(simulator.webhooks.listed())}, headers={})


def reset(simulator: Simulator, _: Request) -> Answer:
    simulator.reset()
    return as_json(simulator.report(), headers={})


def send_webhook(simulator: Simulator, request: Request, prediction_id: str) -> Answer:
    """Send `completed` again: {"tamper": "body"|"signature", "age_seconds": 600}."""
    prediction, given = _find(simulator, prediction_id), _data(request)
    tamper, age = given.get("tamper"), given.get("age_seconds", 0)
    if prediction.webhook is None:
        return problem(409, "This prediction has no webhook.")
    if tamper not in _TAMPERINGS or not isinstance(age, int | float):
        return problem(422, 'tamper is "body" or "signature", age_seconds a number.')
    return as_json({"status": simulator.resend(prediction, tamper, age)}, headers={})


def remove_data(simulator: Simulator, _: Request, prediction_id: str) -> Answer:
    """Remove input, output, logs and files now instead of after an hour."""
    prediction = _find(simulator, prediction_id)
    simulator.remove_data(prediction)
    return as_json(simulator.render(prediction), headers={})


def remove_all_data(simulator: Simulator, _: Request) -> Answer:
    """Remove every file and the data of all final predictions, as Replicate does after an hour."""
    return as_json({"removed": simulator.remove_all_data()}, headers={})


ROUTES: tuple[tuple[str, str, Callable[..., Answer]], ...] = (
    ("POST", "/control/faults", add_faults),
    ("GET", "/control/faults", list_faults),
    ("DELETE", "/control/faults", clear_faults),
    ("GET", "/control/predictions", report),
    ("GET", "/control/webhooks", deliveries),
    ("POST", "/control/reset", reset),
    ("POST", "/control/remove-data", remove_all_data),
    ("POST", "/control/predictions/{prediction_id}/webhook", send_webhook),
    ("POST", "/control/predictions/{prediction_id}/remove-data", remove_data),
)
