"""Accept a request for media: validate, limit, record, submit to Replicate, answer 202."""

from datetime import datetime

from mediagen.http.bodies import read_json_object
from mediagen.http.edge import Request, Response
from mediagen.jobs.idempotency import read_claim
from mediagen.jobs.request import read_wanted
from mediagen.lifecycle.accept import Ports, accept, caller


def generate_media(request: Request, *, now: datetime, ports: Ports) -> Response:
    """Accept a request for media and submit it to Replicate."""
    user_id = caller(request, ports)
    body = read_json_object(request.body, request.headers.get("content-type", ""))
    claim = read_claim(request.headers, user_id, body, now)
    return accept(user_id, lambda: read_wanted(body), claim, now=now, ports=ports.allowing(request.rate_per_hour))
