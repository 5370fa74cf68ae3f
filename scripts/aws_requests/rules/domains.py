"""Certificates and records that ACM and Route 53 refuse."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from aws_requests.request import Request
from aws_requests.rules.checks import Parameters, Problem, each_request, whole_recording
from aws_requests.rules.history import answered, before, last_part

_ROUTE53 = "https://docs.aws.amazon.com/Route53/latest/APIReference"


@each_request(
    "acm.RequestCertificate", source="https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html"
)
def certificate_names(parameters: Parameters) -> Iterator[str]:
    if len(parameters["DomainName"]) > 64:
        yield "the first name of a certificate has at most 64 characters"
    for name in [parameters["DomainName"], *(parameters.get("SubjectAlternativeNames") or [])]:
        if not re.fullmatch(r"(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}", name, re.IGNORECASE):
            yield f"{name!r} is not a domain name"


@whole_recording(source=f"{_ROUTE53}/API_ChangeResourceRecordSets.html")
def records_are_acceptable(recording: Sequence[Request]) -> Iterator[Problem]:
    for request in recording:
        if request.name == "route53.ChangeResourceRecordSets":
            zone = _zone_name(before(recording, request), request.parameters["HostedZoneId"])
            for change in request.parameters["ChangeBatch"].get("Changes") or []:
                yield from ((request, problem) for problem in _record_problems(change["ResourceRecordSet"], zone))


def _zone_name(history: Sequence[Request], zone_id: str) -> str | None:
    for made in answered(history, "route53.CreateHostedZone", "route53.GetHostedZone"):
        zone = made.answer.get("HostedZone") or {}
        if last_part(zone.get("Id", "")) == last_part(zone_id):
            return str(zone["Name"]).rstrip(".").lower()
    return None


def _record_problems(record: Mapping[str, Any], zone: str | None) -> Iterator[str]:
    name = record["Name"].rstrip(".").lower()
    if zone and name != zone and not name.endswith(f".{zone}"):
        yield f"{name} is not permitted in the zone {zone}"
    if zone == name and record["Type"] == "CNAME":
        yield f"a CNAME is not permitted at {name}, the apex of its zone"
    if record.get("AliasTarget") and (record.get("TTL") is not None or record.get("ResourceRecords")):
        yield "an alias has neither a TTL nor values"
    if not record.get("AliasTarget") and (record.get("TTL") is None or not record.get("ResourceRecords")):
        yield "a record needs a TTL and values"
