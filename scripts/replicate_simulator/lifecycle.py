"""Run a prediction from `starting` to a terminal state, with progress in its logs and webhooks."""

import threading
from datetime import timedelta

from replicate_simulator.answers import encode
from replicate_simulator.inputs import UnreadableInput, check_inputs
from replicate_simulator.media import Media, MediaError
from replicate_simulator.outputs import make_output
from replicate_simulator.predictions import Prediction, now
from replicate_simulator.settings import Settings
from replicate_simulator.uploads import Uploads
from replicate_simulator.webhooks import Webhooks

_STEPS = 10
_QUEUED_SHARE = 0.2
# Replicate sends output and logs events at most once every 500 ms.
_LOGS_INTERVAL = timedelta(milliseconds=500)
_BAR = 10


def tqdm_line(step: int, steps: int) -> str:
    """Return one line of a tqdm progress bar."""
    bar = ("█" * round(_BAR * step / steps)).ljust(_BAR)
    return f"{100 * step // steps:3d}%|{bar}| {step}/{steps} [00:00<00:00, 10.00it/s]\n"


class Lifecycle:
    """Starts two threads for a prediction: one that runs it and one that delivers its webhooks."""

    def __init__(self, settings: Settings, media: Media, webhooks: Webhooks, url: str, uploads: Uploads) -> None:
        self._settings, self._media, self._webhooks, self._url = settings, media, webhooks, url
        self._uploads = uploads

    def start(self, prediction: Prediction) -> None:
        if prediction.webhook is not None:
            self._deliver(prediction)
        threading.Thread(target=self._run, args=(prediction,), daemon=True, name="prediction").start()

    def resume(self, prediction: Prediction) -> None:
        """Continue after a restart: rerun unfinished predictions, and send `completed` webhooks not yet accepted."""
        if not prediction.ended.is_set():
            self.start(prediction)
        elif self._webhooks.is_owed(prediction):
            self._announce(prediction, "completed")
            prediction.outbox.put(None)
            self._deliver(prediction)

    def _deliver(self, prediction: Prediction) -> None:
        deliver = self._webhooks.deliver_all
        threading.Thread(target=deliver, args=(prediction,), daemon=True, name="webhooks").start()

    def _run(self, prediction: Prediction) -> None:
        self._play(prediction)
        if not prediction.abandoned:
            self._announce(prediction, "completed")
        prediction.outbox.put(None)

    def _play(self, prediction: Prediction) -> None:
        """Run the prediction; return once it is final, also if it was canceled."""
        faults = prediction.faults
        seconds = float(faults.get("takes", {"seconds": self._settings.seconds_per_prediction})["seconds"])
        if not self._pause(prediction, None if "never-starts" in faults else seconds * _QUEUED_SHARE):
            return
        if "aborted" in faults:
            prediction.finish("aborted")
            return
        prediction.planned_seconds = seconds * (1 - _QUEUED_SHARE)
        if prediction.begin():
            self._announce(prediction, "start")
        self._write_preface(prediction)
        try:
            check_inputs(prediction, self._settings, self._uploads)
        except UnreadableInput as problem:
            prediction.finish("failed", error=str(problem))
        if not self._work(prediction, prediction.planned_seconds):
            return
        if "never-finishes" in faults:
            self._pause(prediction, None)
        self._end(prediction)

    def _write_preface(self, prediction: Prediction) -> None:
        prediction.log(f"Using seed: {prediction.input.get('seed', 42)}\n")
        if "long-logs" in prediction.faults:
            line = "loading weights, please be patient while this very long log is written\n"
            size = int(prediction.faults["long-logs"]["kilobytes"]) * 1024
            prediction.log(line * (size // len(line) + 1))

    def _work(self, prediction: Prediction, seconds: float) -> bool:
        told = now() - _LOGS_INTERVAL
        for step in range(_STEPS + 1):
            prediction.log(tqdm_line(step, _STEPS))
            if now() - told >= _LOGS_INTERVAL:
                told = now()
                self._announce(prediction, "logs")
            if step < _STEPS and not self._pause(prediction, seconds / _STEPS):
                return False
        return True

    def _pause(self, prediction: Prediction, seconds: float | None) -> bool:
        """Wait (None: without limit); return False if the prediction became final or its deadline passed."""
        deadline = prediction.deadline
        left = None if deadline is None else max(0.0, (deadline - now()).total_seconds())
        waits = [wait for wait in (seconds, left) if wait is not None]
        if prediction.ended.wait(min(waits, default=None)):
            return False
        if left is not None and (seconds is None or left <= seconds):
            prediction.finish("canceled" if prediction.started_at else "aborted")
            return False
        return True

    def _end(self, prediction: Prediction) -> None:
        for name in ("failed", "nsfw", "out-of-memory"):
            if name in prediction.faults:
                prediction.finish("failed", error=prediction.faults[name]["error"])
        if "canceled" in prediction.faults:
            prediction.finish("canceled")
        if not prediction.ended.is_set():
            self._succeed(prediction)

    def _succeed(self, prediction: Prediction) -> None:
        try:
            output = make_output(prediction, self._media, self._url)
        except (MediaError, OSError) as problem:
            prediction.finish("failed", error=f"the simulator could not make media: {problem}")
            return
        prediction.show(output)
        self._announce(prediction, "output")
        prediction.finish("succeeded", output=output)

    def _announce(self, prediction: Prediction, event: str) -> None:
        if prediction.webhook is not None:
            self._webhooks.announce(prediction, event, encode(prediction.render(self._url)))
