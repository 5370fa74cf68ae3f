"""Callbacks for their owners: by route, the deliveries of a job or the signing secrets."""

from collections.abc import Callable
from datetime import datetime

from manage_callbacks.deliveries import Ports as DeliveryPorts
from manage_callbacks.deliveries import deliver_again, list_deliveries
from manage_callbacks.signing import rotate_secret, show_secrets
from mediagen.http.edge import Request, Response
from mediagen.records.callback_secrets import CallbackSecrets


def manage_callbacks(
    route: str, request: Request, *, now: datetime, deliveries: DeliveryPorts, secrets: CallbackSecrets
) -> Response:
    """Answer the requested route."""
    answers: dict[str, Callable[[], Response]] = {
        "GET /jobs/{jobId}/deliveries": lambda: list_deliveries(request, ports=deliveries),
        "POST /jobs/{jobId}/deliveries": lambda: deliver_again(request, now=now, ports=deliveries),
        "GET /callback-secret": lambda: show_secrets(request, now=now, secrets=secrets),
        "POST /callback-secret/rotate": lambda: rotate_secret(request, now=now, secrets=secrets),
    }
    return answers[route]()
