"""Predictions, and how they look on the wire."""

import math
import queue
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

from replicate_simulator.billing import output_metrics
from replicate_simulator.catalogue import HIDDEN, Model
from replicate_simulator.files import FilePlan
from replicate_simulator.settings import OWN_ACCOUNT

TERMINAL = ("succeeded", "failed", "canceled", "aborted")
UNBILLED = ("failed", "aborted")
_ID_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"


def now() -> datetime:
    return datetime.now(UTC)


def new_id() -> str:
    """Return an id of 26 letters in Crockford's base 32, like the recorded ones."""
    return "".join(secrets.choice(_ID_LETTERS) for _ in range(26))


def timestamp(at: datetime, digits: str = "") -> str:
    """Return Replicate's form of a time: UTC with Z; recorded fractions have 3, 6 or 9 digits."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.%f") + digits + "Z"


@dataclass(frozen=True)
class Webhook:
    """A prediction's webhook: its URL, and the events that it wants."""

    url: str
    events: tuple[str, ...] | None = None

    def wants(self, event: str) -> bool:
        return self.events is None or event in self.events

    @property
    def job(self) -> str | None:
        """The caller's job id in the URL's query, if any."""
        return parse_qs(urlsplit(self.url).query).get("jobId", [None])[0]


@dataclass
class Prediction:
    """One run of a model; every change goes through a method, under its lock."""

    model: Model
    version: str
    input: dict[str, Any]
    webhook: Webhook | None = None
    deployment: str | None = None
    account: str = OWN_ACCOUNT
    streams: bool = False
    lifetime: timedelta | None = None
    faults: dict[str, dict[str, Any]] = field(default_factory=dict)
    id: str = field(default_factory=new_id)
    created_at: datetime = field(default_factory=now)
    started_at: datetime | None = None
    completed_at: datetime | None = None
    status: str = "starting"
    output: Any = None
    error: str | None = None
    logs: str = ""
    planned_seconds: float = 0.0
    run_seconds: float = 0.0
    files: dict[str, FilePlan] = field(default_factory=dict)
    ended: threading.Event = field(default_factory=threading.Event)
    abandoned: bool = False
    data_removed: bool = False
    outbox: "queue.Queue[Any]" = field(default_factory=queue.Queue)
    keep: "Callable[[Prediction], object]" = lambda _prediction: None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def deadline(self) -> datetime | None:
        return None if self.lifetime is None else self.created_at + self.lifetime

    def begin(self) -> bool:
        """Start the run; return False if it was started before or is final."""
        with self._lock:
            if self.status != "starting":
                return False
            self.status, self.started_at = "processing", now()
            self.keep(self)
            return True

    def log(self, lines: str) -> None:
        with self._lock:
            if self.status == "processing":
                self.logs += lines

    def show(self, output: Any) -> None:
        """Show the output before the prediction is final, as Replicate does."""
        with self._lock:
            if self.status == "processing":
                self.output = output

    def finish(self, status: str, *, output: Any = None, error: str | None = None) -> bool:
        """Complete the prediction; return False if it was final before."""
        with self._lock:
            if self.status in TERMINAL or self.abandoned:
                return False
            self.status, self.output, self.error, self.completed_at = status, output, error, now()
            self.run_seconds = self._ran(self.completed_at)
            self.keep(self)  # before the terminal state is visible
            self.ended.set()
            return True

    def abandon(self) -> None:
        """Stop without a status change or webhook, because the simulator is being reset or closed."""
        with self._lock:
            self.abandoned = True
        self.ended.set()

    def remove_data(self) -> bool:
        """Remove input, output, logs and files; return False if it is not final or they were removed before."""
        with self._lock:
            if self.completed_at is None or self.data_removed:
                return False
            self.data_removed = True
            self.keep(self)
            return True

    def removed(self, after_seconds: float) -> bool:
        """Return whether input, output, logs and files are removed."""
        if self.completed_at is None:
            return False
        return self.data_removed or now() >= self.completed_at + timedelta(seconds=after_seconds)

    @property
    def job(self) -> str | None:
        return None if self.webhook is None else self.webhook.job

    @property
    def billable(self) -> bool:
        return self.status not in UNBILLED

    @property
    def dollars(self) -> Decimal:
        """The charge: zero while it runs or if it failed or was aborted; a canceled run is charged."""
        if self.completed_at is None or not self.billable:
            return Decimal(0)
        return self.model.billing.dollars(self._counted())

    def metrics(self) -> dict[str, Any] | None:
        if self.completed_at is None:
            return None
        waited = (self.started_at or self.completed_at) - self.created_at
        times = {"predict_time": self.run_seconds, "total_time": waited.total_seconds() + self.run_seconds}
        return times | (self._counted() if self.status == "succeeded" else {})

    def _counted(self) -> dict[str, Any]:
        """Return the metrics that a price may depend on; a canceled run counts as if it had made everything."""
        made = len(self.files) if self.status == "succeeded" else self.model.value("num_outputs", self.input) or 1
        inputs = self.model.values(self.input)
        outputs = output_metrics(self.model.kind, inputs, made) if self.model.is_official else {}
        return {"predict_time": self.run_seconds} | outputs

    def _ran(self, completed_at: datetime) -> float:
        """Return the seconds of the run: by the clock, or by the model's own measure if it is billed by the second."""
        if self.started_at is None:
            return 0.0
        elapsed = (completed_at - self.started_at).total_seconds()
        whole = self.model.billing.run_seconds(self.model.values(self.input))
        if whole is None:
            return elapsed
        share = min(1.0, elapsed / self.planned_seconds) if self.planned_seconds else 1.0
        return whole if self.status == "succeeded" else round(whole * share, 6)

    def render(self, url: str, removed: bool = False) -> dict[str, Any]:
        """Return the prediction object of the API; url is the simulator's own."""
        with self._lock:
            known = self._always(url, removed) | self._sometimes() | self._odd()
            if removed and "webhook-removed" in self.faults:
                known |= {"webhook": None, "webhook_events_filter": None}
            return {key: value for key, value in known.items() if value is not None or key in _NULLABLE}

    def _always(self, url: str, removed: bool) -> dict[str, Any]:
        address = f"{url}/v1/predictions/{self.id}"
        return {
            "id": self.id,
            "model": self.model.full_name,
            "version": self.version if not self.model.is_official else HIDDEN,
            "input": {} if removed else self.input,
            "logs": "" if removed else self.logs,
            "output": None if removed else self.output,
            "data_removed": removed,
            "error": self.error,
            "source": "api",
            "status": self.status,
            "created_at": timestamp(self.created_at),
            "urls": {
                "cancel": f"{address}/cancel",
                "get": address,
                "web": f"https://replicate.com/p/{self.id}",
            }
            | ({"stream": f"{url}/stream/{self.id}"} if self.streams else {}),
        }

    def _sometimes(self) -> dict[str, Any]:
        events = None if self.webhook is None or self.webhook.events is None else list(self.webhook.events)
        return {
            "started_at": self.started_at and timestamp(self.started_at, "608"),
            "completed_at": self.completed_at and timestamp(self.completed_at, "417"),
            "deadline": self.deadline and timestamp(self.deadline),
            "deployment": self.deployment,
            "metrics": self.metrics(),
            "webhook": self.webhook and self.webhook.url,
            "webhook_events_filter": events,
        }

    def _odd(self) -> dict[str, Any]:
        """Return what an `odd-values` prediction holds in its free fields once it has ended."""
        if "odd-values" not in self.faults or self.completed_at is None:
            return {}
        numbers = {"predict_time": math.nan, "x": math.inf, "y": -math.inf, "z\ud800": "\x00"}
        return {
            "input": self.input | {"odd\ud800": math.nan},
            "metrics": numbers,
            "logs": "\udfff\x00",
            "error": f"{self.error or ''}\ud800\x00",
        }


_NULLABLE = ("output", "error")
