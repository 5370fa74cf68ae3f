"""The simulator without HTTP: its parts, and the operations of the control API."""

import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from replicate_simulator.answers import encode
from replicate_simulator.catalogue import Catalogue
from replicate_simulator.faults import Facts, Faults, make_rule
from replicate_simulator.journal import Journal
from replicate_simulator.lifecycle import Lifecycle
from replicate_simulator.media import Media
from replicate_simulator.predictions import Prediction
from replicate_simulator.rate_limit import RateLimit
from replicate_simulator.settings import Settings
from replicate_simulator.store import Store, in_text
from replicate_simulator.uploads import Uploads
from replicate_simulator.webhooks import Message, Webhooks, end_id


class Simulator:
    """All parts of one simulator; `url` is its address."""

    def __init__(self, settings: Settings, url: str) -> None:
        self.settings, self.url = settings, url
        self.closing = threading.Event()
        self.catalogue, self.faults, self.store = (
            Catalogue.read(ignore_unknown=settings.ignore_unknown_inputs),
            Faults(),
            Store(),
        )
        self.media = Media(_media_folder(settings), kept=settings.state is not None)
        self.journal = Journal(settings.state)
        self.webhooks = Webhooks(settings, self.closing, self.journal.delivered)
        self.uploads = Uploads(f"{url}/v1/files")
        self.lifecycle = Lifecycle(settings, self.media, self.webhooks, url, self.uploads)
        self.file_requests = {"count": 0, "with_authorization": 0}
        self.rate_limit = RateLimit(settings.creates_per_minute)
        self._resume()

    def start(self, prediction: Prediction, facts: Facts) -> dict[str, Any]:
        """Accept a prediction and run it; return its state before the run."""
        prediction.faults = self.faults.for_prediction(facts)
        self._keep(prediction)
        self.journal.changed(prediction)
        accepted = self.render(prediction)
        self.lifecycle.start(prediction)
        return accepted

    def render(self, prediction: Prediction) -> dict[str, Any]:
        removed = prediction.removed(self.settings.data_removed_seconds)
        return prediction.render(self.url, removed)

    def add_faults(self, *entries: Mapping[str, Any]) -> None:
        """Add rules, all or none; ValueError says what is wrong with one."""
        self.faults.add([make_rule(entry) for entry in entries])

    def resend(self, prediction: Prediction, tamper: str | None = None, age_seconds: float = 0) -> int | None:
        """Send the `completed` webhook once more, with its own id; return the receiver's status."""
        faults: dict[str, dict[str, Any]] = {"webhook-stale": {"seconds": age_seconds}}
        if tamper is not None:
            faults["webhook-tampered" if tamper == "body" else "webhook-forged"] = {}
        message = Message(prediction, "completed", end_id(prediction), encode(prediction.render(self.url)))
        return self.webhooks.send(message, **faults)

    def report(self) -> dict[str, Any]:
        """Return the created and the billed predictions: in total, for each job and for each prediction."""
        return {
            **self.store.billed(),
            "file_requests": self.file_requests,
            "predictions": [_summary(prediction) for prediction in self.store.newest_first()],
        }

    def reset(self) -> None:
        """Discard predictions, faults and deliveries; running predictions stop without a webhook."""
        self.journal.reset()
        self.faults.clear()
        self.uploads.clear()
        for prediction in self.store.clear().values():
            prediction.abandon()
            prediction.outbox.put(None)
        self.webhooks.deliveries.clear()
        self.file_requests.update(count=0, with_authorization=0)
        self.rate_limit = RateLimit(self.settings.creates_per_minute)

    def remove_data(self, prediction: Prediction) -> None:
        """Remove the data of a finished prediction now, not an hour after completion."""
        prediction.remove_data()

    def remove_all_data(self) -> int:
        """Remove every file and the data of all finished predictions; return of how many."""
        removed = sum(prediction.remove_data() for prediction in self.store.newest_first())
        self.media.empty()
        return removed

    def close(self) -> None:
        """Stop every prediction and ffmpeg, and delete the media unless they are kept."""
        self.closing.set()
        self.journal.close()
        self.reset()
        self.media.close()

    def _resume(self) -> None:
        predictions, self.webhooks.deliveries = self.journal.read(self.catalogue)
        for prediction in predictions:
            self._keep(prediction)
        for prediction in predictions:
            self.lifecycle.resume(prediction)

    def _keep(self, prediction: Prediction) -> None:
        prediction.keep = self.journal.changed
        self.store.add(prediction)


def _media_folder(settings: Settings) -> Path:
    if settings.state is None:
        return Path(tempfile.mkdtemp(prefix="replicate-simulator-"))
    folder = settings.state.absolute() / "media"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise ValueError(f"the state folder {settings.state} cannot be used ({problem.strerror})") from None
    return folder


def _summary(prediction: Prediction) -> dict[str, Any]:
    return {
        "id": prediction.id,
        "model": prediction.model.full_name,
        "status": prediction.status,
        "billable": prediction.billable,
        "dollars": in_text(prediction.dollars),
        "job": prediction.job,
        "faults": sorted(prediction.faults),
    }
