"""Receive a webhook of Replicate: verify the raw bytes, queue it durably, acknowledge it. Processing comes later."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mediagen import log
from mediagen.aws.errors import AwsError
from mediagen.aws.queue import Queue
from mediagen.errors.refusals import InvalidRequest, InvalidSignature, TooManyFailures, Unavailable
from mediagen.http.edge import Request, Response
from mediagen.jobs.results import job_id_of, result_message
from mediagen.jobs.state import is_final_at_replicate
from mediagen.replicate.webhook_signatures import verify
from mediagen.strict_json import read_json
from mediagen.times import parse_optional_timestamp
from receive_webhook.failures import Failures

AGAIN_SECONDS = 5  # Replicate repeats what is not answered with 2xx for about a minute; then the poller finds it


@dataclass(frozen=True, slots=True)
class Ports:
    """Dependencies of receiving a webhook. `secrets` are the signing secrets, newest first."""

    secrets: Callable[[], Sequence[str]]
    webhooks: Queue
    failures: Failures


def receive_webhook(request: Request, *, now: datetime, ports: Ports) -> Response:
    """Verify, queue and acknowledge a webhook. Raises Unavailable if it cannot be verified or queued."""
    check_signature(request, now=now, ports=ports)
    prediction = read_prediction(request.body)
    check_url(request.query, prediction)
    if not is_final_at_replicate(prediction["status"]):
        return Response(200, {"queued": False})
    needed("webhooks", lambda: ports.webhooks.send(result_message(prediction, now)))
    tell(prediction, now)
    return Response(202, {"queued": True})


def check_signature(request: Request, *, now: datetime, ports: Ports) -> None:
    """Verify the signature, even if the address is limited: it is shared by all of Replicate's customers.

    Raises InvalidSignature, or TooManyFailures for an address that sent too many; Unavailable.
    """
    secrets = needed("secrets", ports.secrets)
    try:
        verify(request.headers, request.body, secrets, now)
    except InvalidSignature as refusal:
        seconds = ports.failures.seconds_to_wait(request.source, now)
        if not seconds:
            raise
        told = "Too many webhooks with wrong signatures came from this address."
        raise TooManyFailures(told, retry_after_seconds=seconds) from refusal


def needed[T](part: str, act: Callable[[], T]) -> T:
    """Use a required dependency. Raises Unavailable if it fails."""
    try:
        return act()
    except AwsError as error:
        log.degraded(part, error)
        raise Unavailable("The webhook cannot be taken at present.", retry_after_seconds=AGAIN_SECONDS) from error


def read_prediction(body: bytes) -> dict[str, Any]:
    """Parse a signed body. Raises InvalidRequest if it is not a prediction."""
    try:
        prediction = read_json(body)
    except (ValueError, RecursionError) as error:
        raise InvalidRequest("The webhook's body is not JSON.") from error
    if not isinstance(prediction, dict) or not all(isinstance(prediction.get(key), str) for key in ("id", "status")):
        raise InvalidRequest("The webhook's body is not a prediction.")
    return prediction


def check_url(query: Mapping[str, str], prediction: Mapping[str, Any]) -> None:
    """Compare the unsigned URL with the one that the signed body contains. Raises InvalidSignature."""
    signed = job_id_of(prediction)
    if signed is not None and query.get("jobId") != signed:
        raise InvalidSignature("The webhook's URL does not match its signed body.")


def tell(prediction: Mapping[str, Any], now: datetime) -> None:
    """Log the webhook with the time since the prediction's completion."""
    metrics = []
    completed = parse_optional_timestamp(prediction.get("completed_at"))
    if completed:
        latency = max(0.0, (now - completed).total_seconds() * 1000)
        metrics = [log.Metric("WebhookLatency", latency, "Milliseconds")]
    subject = log.Subject(job_id=job_id_of(prediction))
    metadata = {"replicateId": prediction["id"], "status": prediction["status"]}
    log.event("webhook.received", subject=subject, metadata=metadata, metrics=metrics)
