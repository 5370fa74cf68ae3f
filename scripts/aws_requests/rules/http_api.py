"""Integrations, routes and authorizers that API Gateway refuses in an HTTP API."""

import re
from collections.abc import Iterator, Sequence

from aws_requests.request import Request
from aws_requests.rules.checks import Parameters, Problem, each_request, whole_recording
from aws_requests.rules.history import answered, before

_GUIDE = "https://docs.aws.amazon.com/apigateway/latest/developerguide"
_API = "https://docs.aws.amazon.com/apigatewayv2/latest/api-reference"
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_INTEGRATION = ("apigatewayv2.CreateIntegration", "apigatewayv2.UpdateIntegration")
_AUTHORIZER = ("apigatewayv2.CreateAuthorizer", "apigatewayv2.UpdateAuthorizer")
_ROUTE = ("apigatewayv2.CreateRoute", "apigatewayv2.UpdateRoute")


@each_request("apigatewayv2.CreateApi", "apigatewayv2.UpdateApi", source=f"{_GUIDE}/http-api-cors.html")
def cors(parameters: Parameters) -> Iterator[str]:
    settings = parameters.get("CorsConfiguration") or {}
    origins = settings.get("AllowOrigins") or []
    if settings.get("AllowCredentials") and "*" in origins:
        yield "AllowCredentials needs named origins instead of *"
    for origin in origins:
        if not re.fullmatch(r"\*|(https?|chrome-extension|capacitor)://(\*|[^/*\s]+)", origin):
            yield f"the origin {origin!r} must be a scheme and a host, without a path"
    for method in settings.get("AllowMethods") or []:
        if method not in {*_METHODS, "*"}:
            yield f"CORS cannot allow the method {method!r}"
    if not -1 <= (settings.get("MaxAge") or 0) <= 86_400:
        yield f"MaxAge is {settings['MaxAge']} s; API Gateway allows -1 to 86400"


@each_request(*_INTEGRATION, source=f"{_API}/apis-apiid-integrations.html")
def integration_settings(parameters: Parameters) -> Iterator[str]:
    timeout = parameters.get("TimeoutInMillis")
    if timeout is not None and not 50 <= timeout <= 30_000:
        yield f"TimeoutInMillis is {timeout}; an HTTP API allows 50 to 30000"
    kind = parameters.get("IntegrationType")
    if kind not in (None, "AWS_PROXY", "HTTP_PROXY"):
        yield f"an HTTP API has no integration of type {kind}"
    if kind == "AWS_PROXY" and not parameters.get("IntegrationSubtype"):
        if parameters.get("PayloadFormatVersion") not in ("1.0", "2.0"):
            yield "an integration with Lambda needs PayloadFormatVersion 1.0 or 2.0"
        if ":function:" not in parameters.get("IntegrationUri", ""):
            yield "IntegrationUri must be the ARN of a function"
    if kind == "HTTP_PROXY" and parameters.get("PayloadFormatVersion") != "1.0":
        yield "an integration with a web server needs PayloadFormatVersion 1.0"
    if parameters.get("ConnectionType") == "VPC_LINK" and not parameters.get("ConnectionId"):
        yield "an integration through a VPC link needs ConnectionId"


@whole_recording(source=f"{_GUIDE}/http-api-develop-integrations-lambda.html")
def function_is_in_the_region(recording: Sequence[Request]) -> Iterator[Problem]:
    for request in recording:
        uri = request.parameters.get("IntegrationUri") or request.parameters.get("AuthorizerUri") or ""
        function = re.search(r"arn:[\w-]+:lambda:([\w-]+):\d{12}:function:", uri)
        if request.name in (*_INTEGRATION, *_AUTHORIZER) and function and function[1] != request.region:
            yield request, f"the function is in {function[1]}, the API in {request.region}"


@each_request(*_AUTHORIZER, source=f"{_GUIDE}/http-api-lambda-authorizer.html")
def authorizer_settings(parameters: Parameters) -> Iterator[str]:
    ttl, version = parameters.get("AuthorizerResultTtlInSeconds"), parameters.get("AuthorizerPayloadFormatVersion")
    if ttl is not None and not 0 <= ttl <= 3600:
        yield f"AuthorizerResultTtlInSeconds is {ttl}; API Gateway allows 0 to 3600"
    if parameters.get("AuthorizerType") == "REQUEST":
        if version not in ("1.0", "2.0"):
            yield "a REQUEST authorizer of an HTTP API needs AuthorizerPayloadFormatVersion"
        if ttl and not parameters.get("IdentitySource"):
            yield "cached verdicts need identity sources, which are the key of the cache"
        if "/functions/arn:" not in parameters.get("AuthorizerUri", ""):
            yield "AuthorizerUri must be a function's invocation ARN: arn:aws:apigateway:…:lambda:path/…/invocations"
    if parameters.get("EnableSimpleResponses") and version != "2.0":
        yield "simple responses need AuthorizerPayloadFormatVersion 2.0"


@each_request(
    *_AUTHORIZER, source=f"{_GUIDE}/http-api-lambda-authorizer.html#http-api-lambda-authorizer.identity-sources"
)
def identity_sources(parameters: Parameters) -> Iterator[str]:
    for source in parameters.get("IdentitySource") or []:
        if not re.fullmatch(r"\$(request\.(header|querystring)|context|stageVariables)\.[\w.\-]+", source):
            yield f"{source!r} is not an identity source: $request.header.NAME, $context.NAME and so on"


@each_request(*_AUTHORIZER, source=f"{_GUIDE}/http-api-jwt-authorizer.html")
def token_authorizer(parameters: Parameters) -> Iterator[str]:
    if parameters.get("AuthorizerType") != "JWT":
        return
    settings = parameters.get("JwtConfiguration") or {}
    if not settings.get("Issuer", "").startswith("https://"):
        yield "a JWT authorizer needs an issuer that starts with https://"
    if not settings.get("Audience"):
        yield "a JWT authorizer needs an audience"
    if len(parameters.get("IdentitySource") or []) != 1:
        yield "a JWT authorizer has exactly one identity source"
    if parameters.get("AuthorizerUri") or parameters.get("EnableSimpleResponses"):
        yield "a JWT authorizer has no function"


@each_request(*_ROUTE, source=f"{_GUIDE}/http-api-develop-routes.html")
def route_key(parameters: Parameters) -> Iterator[str]:
    key = parameters.get("RouteKey", "$default")
    segment = r"(\{[\w.:-]+\}|[\w.~!$&'()*+,;=:@%-]+)"
    if not re.fullmatch(rf"\$default|(ANY|{'|'.join(_METHODS)}) /(({segment}/)*({segment}|\{{[\w.:-]+\+\}}))?/?", key):
        yield f"{key!r} is not a route key: a method, a space and a path such as /jobs/{{id}}"
    names = re.findall(r"\{([^}+]+)\+?\}", key)
    if len(set(names)) < len(names):
        yield f"the route key {key!r} has two parameters of the same name"


@whole_recording(source=f"{_API}/apis-apiid-routes.html")
def route_names_what_exists(recording: Sequence[Request]) -> Iterator[Problem]:
    for request in recording:
        if request.name not in _ROUTE:
            continue
        history, parameters = before(recording, request), request.parameters
        target, authorizer = parameters.get("Target"), parameters.get("AuthorizerId") or ""
        if target and target not in {f"integrations/{made}" for made in _made(history, request, "Integration")}:
            yield request, f"Target {target!r} is not an integration of this API"
        authorizers = _made(history, request, "Authorizer")
        wanted = {"CUSTOM": "REQUEST", "JWT": "JWT"}.get(parameters.get("AuthorizationType", ""))
        if wanted and authorizer not in authorizers:
            yield (
                request,
                f"AuthorizationType {parameters['AuthorizationType']} needs the id of an authorizer of this API",
            )
        elif wanted and authorizers[authorizer].get("AuthorizerType") != wanted:
            yield request, f"AuthorizationType {parameters['AuthorizationType']} needs a {wanted} authorizer"


@whole_recording(source=f"{_API}/apis-apiid-routes.html")
def route_is_new(recording: Sequence[Request]) -> Iterator[Problem]:
    for request in recording:
        if request.name == "apigatewayv2.CreateRoute":
            keys = [route["RouteKey"] for route in _made(before(recording, request), request, "Route").values()]
            if request.parameters["RouteKey"] in keys:
                yield request, f"the API has a route {request.parameters['RouteKey']!r} already"


def _made(history: Sequence[Request], request: Request, kind: str) -> dict[str, Parameters]:
    """Return id and parameters of what was created in the same API and not deleted."""
    made: dict[str, Parameters] = {}
    changes = [f"apigatewayv2.{verb}{kind}" for verb in ("Create", "Update", "Delete")]
    for change in answered(history, *changes):
        if change.parameters.get("ApiId") != request.parameters.get("ApiId"):
            continue
        found = change.answer.get(f"{kind}Id") or change.parameters.get(f"{kind}Id", "")
        if change.operation.startswith("Delete"):
            made.pop(found, None)
        else:
            made[found] = {**made.get(found, {}), **change.parameters}
    return made


def route_keys(history: Sequence[Request], request: Request) -> set[str]:
    """Return the keys of the API's routes."""
    return {route["RouteKey"] for route in _made(history, request, "Route").values()}
