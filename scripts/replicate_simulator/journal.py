"""Journal of the simulator: one JSON line for each change, read again after a restart."""

import json
import threading
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from replicate_simulator.catalogue import Catalogue
from replicate_simulator.files import FilePlan
from replicate_simulator.predictions import TERMINAL, Prediction, Webhook
from replicate_simulator.webhooks import Delivery

_PLAIN = (
    *("id", "version", "input", "deployment", "account", "faults", "status"),
    *("output", "error", "logs", "data_removed", "run_seconds", "streams"),
)
_TIMES = ("created_at", "started_at", "completed_at")


class Journal:
    """Lines in a file, or nothing without a folder. Written lines survive a kill, but perhaps not a power cut."""

    def __init__(self, folder: Path | None) -> None:
        self._lock = threading.Lock()
        self._file = None if folder is None else folder / "journal.jsonl"
        self._closed = folder is None

    def read(self, catalogue: Catalogue) -> tuple[list[Prediction], list[Delivery]]:
        """Return the predictions, in the order of their creation, and the deliveries since the last reset."""
        predictions: dict[str, Mapping[str, Any]] = {}
        deliveries: list[Delivery] = []
        for line in self._whole_lines():
            match json.loads(line):
                case {"prediction": facts}:
                    predictions[facts["id"]] = facts
                case {"delivery": facts}:
                    deliveries.append(Delivery(**facts))
                case _:
                    predictions, deliveries = {}, []
        return [_restored(facts, catalogue) for facts in predictions.values()], deliveries

    def changed(self, prediction: Prediction) -> None:
        """Write a prediction as it is now."""
        self._write({"prediction": _facts(prediction)})

    def delivered(self, delivery: Delivery) -> None:
        """Write a delivery attempt of a webhook."""
        self._write({"delivery": asdict(delivery)})

    def reset(self) -> None:
        """Discard everything written before."""
        self._write({"reset": True})

    def close(self) -> None:
        """Close the file; later changes are not written."""
        self._closed = True

    def _whole_lines(self) -> list[bytes]:
        """Return the lines, after cutting off one that was being written when the simulator was killed."""
        if self._file is None or not self._file.exists():
            return []
        whole, _, torn = self._file.read_bytes().rpartition(b"\n")
        if torn:
            self._file.write_bytes(whole + b"\n" if whole else b"")
        return whole.splitlines()

    def _write(self, line: Mapping[str, Any]) -> None:
        with self._lock:
            if self._file is not None and not self._closed:
                with self._file.open("ab", buffering=0) as file:
                    file.write(json.dumps(line).encode() + b"\n")


def _facts(prediction: Prediction) -> dict[str, Any]:
    times = {name: getattr(prediction, name) for name in _TIMES}
    webhook, lifetime = prediction.webhook, prediction.lifetime
    return {
        **{name: getattr(prediction, name) for name in _PLAIN},
        **{name: at and at.isoformat() for name, at in times.items()},
        "model": prediction.model.full_name,
        "webhook": webhook and [webhook.url, webhook.events],
        "lifetime": lifetime and lifetime.total_seconds(),
        "files": {name: asdict(plan) | {"path": str(plan.path)} for name, plan in prediction.files.items()},
    }


def _restored(facts: Mapping[str, Any], catalogue: Catalogue) -> Prediction:
    webhook, lifetime = facts["webhook"], facts["lifetime"]
    # A line of an older simulator has fewer fields.
    plain: dict[str, Any] = {name: facts[name] for name in _PLAIN if name in facts}
    times: dict[str, Any] = {name: facts[name] and datetime.fromisoformat(facts[name]) for name in _TIMES}
    prediction = Prediction(
        model=catalogue.models[facts["model"]],
        webhook=webhook and Webhook(webhook[0], webhook[1] and tuple(webhook[1])),
        lifetime=None if lifetime is None else timedelta(seconds=lifetime),
        files={name: FilePlan(**plan | {"path": Path(plan["path"])}) for name, plan in facts["files"].items()},
        **plain,
        **times,
    )
    if prediction.status in TERMINAL:
        prediction.ended.set()
    return prediction
