"""Accept a request for media: validate, limit, record, hand to Replicate, answer 202."""

from datetime import datetime

from mediagen.accepting import Ports, accept, caller
from mediagen.bodies import read_json_object
from mediagen.edge import Request, Response
from mediagen.idempotency import read_claim
from mediagen.wanted import read_wanted


def generate_media(request: Request, *, now: datetime, ports: Ports) -> Response:
    """Accept a request for media and hand it to Replicate."""
    user_id = caller(request, ports)
    body = read_json_object(request.body, request.headers.get("content-type", ""))
    claim = read_claim(request.headers, user_id, body, now)
    return accept(user_id, lambda: read_wanted(body), claim, now=now, ports=ports.allowing(request.rate_per_hour))
