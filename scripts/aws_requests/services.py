"""The service that a signed request is for, in botocore's names."""

import re
from urllib.parse import parse_qs

from aws_requests.recording import Exchange

SCOPE = re.compile(r"Credential=[^/,\s]+/(\d+)/([^/]+)/([^/]+)/aws4_request")
QUERY_SCOPE = re.compile(r"[^/]+/(\d+)/([^/]+)/([^/]+)/aws4_request")
# Names in the credential scope that are not botocore's name of the service.
NAMES = {"monitoring": "cloudwatch", "tagging": "resourcegroupstaggingapi", "servicequotas": "service-quotas"}
# Services that share one name in the scope, told apart by the path.
PATHS = {
    "apigateway": (("/v2/", "apigatewayv2"), ("/", "apigateway")),
    "s3": (("/v20180820/", "s3control"), ("/", "s3")),
}


class UnknownService(Exception):
    """The request is signed for no service."""


def scope_of(exchange: Exchange) -> tuple[str, str, str]:
    """Return date, region and service of the credential scope, from the header or the query."""
    found = SCOPE.search(exchange.header("authorization"))
    if not found:
        credential = parse_qs(exchange.query).get("X-Amz-Credential", [""])[0]
        found = QUERY_SCOPE.fullmatch(credential)
    if not found:
        raise UnknownService(f"{exchange.method} {exchange.path}: no credential scope")
    return found[1], found[2], found[3]


def service_of(exchange: Exchange) -> str:
    """Return botocore's name of the service."""
    _, _, name = scope_of(exchange)
    for prefix, service in PATHS.get(name, ()):
        if exchange.path.startswith(prefix):
            return service
    return NAMES.get(name, name)
