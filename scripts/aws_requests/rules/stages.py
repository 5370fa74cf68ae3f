"""Stages and domain names that API Gateway refuses."""

import re
from collections.abc import Iterator, Sequence

from aws_requests.request import Request
from aws_requests.rules.checks import Parameters, Problem, each_request, whole_recording
from aws_requests.rules.history import answered, before
from aws_requests.rules.http_api import route_keys

_GUIDE = "https://docs.aws.amazon.com/apigateway/latest/developerguide"
_API = "https://docs.aws.amazon.com/apigatewayv2/latest/api-reference"
_STAGE = ("apigatewayv2.CreateStage", "apigatewayv2.UpdateStage")


@whole_recording(source="https://github.com/terraform-aws-modules/terraform-aws-apigateway-v2/pull/80")
def settings_name_a_route(recording: Sequence[Request]) -> Iterator[Problem]:
    """API Gateway answers "Unable to find Route by key … within the provided RouteSettings"."""
    for request in recording:
        if request.name in _STAGE and (settings := request.parameters.get("RouteSettings")):
            for key in sorted(set(settings) - route_keys(before(recording, request), request)):
                yield request, f"RouteSettings name the route {key!r}, which the API does not have"


@each_request(*_STAGE, source=f"{_GUIDE}/http-api-throttling.html")
def throttling_is_whole(parameters: Parameters) -> Iterator[str]:
    """A route with one of the two gets 0 for the other, and answers every request with 429."""
    groups = {"DefaultRouteSettings": parameters.get("DefaultRouteSettings"), **(parameters.get("RouteSettings") or {})}
    for name, settings in groups.items():
        limits = [(settings or {}).get(key) for key in ("ThrottlingBurstLimit", "ThrottlingRateLimit")]
        if (limits[0] is None) != (limits[1] is None):
            yield f"{name} needs both ThrottlingBurstLimit and ThrottlingRateLimit"
        if any(limit is not None and limit < 0 for limit in limits):
            yield f"{name}: a throttling limit must not be negative"
        if (settings or {}).get("LoggingLevel") not in (None, "OFF") or (settings or {}).get("DataTraceEnabled"):
            yield f"{name}: execution logs are not supported on protocolType HTTP"


@each_request(*_STAGE, source=f"{_API}/apis-apiid-stages-stagename.html")
def access_log(parameters: Parameters) -> Iterator[str]:
    settings = parameters.get("AccessLogSettings") or {}
    if not settings:
        return
    if not re.search(r"\$context\.requestId\b", settings.get("Format", "")):
        yield "the access log format must contain $context.requestId"
    if "\n" in settings.get("Format", "").strip():
        yield "the access log format must be a single line"
    destination = settings.get("DestinationArn", "")
    if not re.fullmatch(r"arn:[\w-]+:(logs:[\w-]+:\d{12}:log-group:[^:*]+|firehose:.+:deliverystream/.+)", destination):
        yield f"DestinationArn {destination!r} must be the ARN of a log group, without :* at its end"


@whole_recording(source=f"{_GUIDE}/http-api-logging.html")
def access_log_group_exists(recording: Sequence[Request]) -> Iterator[Problem]:
    for request in recording:
        arn = (request.parameters.get("AccessLogSettings") or {}).get("DestinationArn", "")
        if request.name not in _STAGE or ":log-group:" not in arn:
            continue
        name = arn.split(":log-group:")[1]
        groups = {
            group.parameters["logGroupName"] for group in answered(before(recording, request), "logs.CreateLogGroup")
        }
        if groups and name.removesuffix(":*") not in groups:
            yield request, f"the log group {name} does not exist"


@each_request("apigatewayv2.CreateStage", source=f"{_GUIDE}/http-api-stages.html")
def stage_is_deployed(parameters: Parameters) -> Iterator[str]:
    if not parameters.get("AutoDeploy") and not parameters.get("DeploymentId"):
        yield "without AutoDeploy or a deployment the stage serves nothing"
    if not re.fullmatch(r"\$default|[A-Za-z0-9_-]{1,128}", parameters["StageName"]):
        yield f"the stage name {parameters['StageName']!r} must be $default, or letters, digits, - and _"


@whole_recording(source=f"{_GUIDE}/http-api-custom-domain-names.html")
def certificate_is_near(recording: Sequence[Request]) -> Iterator[Problem]:
    for request in recording:
        if request.name not in ("apigatewayv2.CreateDomainName", "apigatewayv2.UpdateDomainName"):
            continue
        configurations = request.parameters.get("DomainNameConfigurations") or [{}]
        for settings in configurations:
            arn = settings.get("CertificateArn") or ""
            if not re.fullmatch(r"arn:[\w-]+:acm:[\w-]+:\d{12}:certificate/.+", arn):
                yield request, "a domain name needs the ARN of a certificate of ACM"
            elif arn.split(":")[3] != request.region:
                yield (
                    request,
                    f"the certificate is in {arn.split(':')[3]}; a regional domain needs one in {request.region}",
                )
            if settings.get("SecurityPolicy", "TLS_1_2") != "TLS_1_2" or settings.get("EndpointType") == "EDGE":
                yield request, "an HTTP API supports regional domain names with TLS 1.2 only"


@whole_recording(source=f"{_GUIDE}/http-api-mappings.html")
def mapping_names_what_exists(recording: Sequence[Request]) -> Iterator[Problem]:
    for request in recording:
        if request.name != "apigatewayv2.CreateApiMapping":
            continue
        history = before(recording, request)
        domains = {made.parameters["DomainName"] for made in answered(history, "apigatewayv2.CreateDomainName")}
        stages = {
            made.parameters["StageName"]
            for made in answered(history, "apigatewayv2.CreateStage")
            if made.parameters["ApiId"] == request.parameters["ApiId"]
        }
        if request.parameters["DomainName"] not in domains:
            yield request, f"the domain name {request.parameters['DomainName']} does not exist"
        if request.parameters["Stage"] not in stages:
            yield request, f"the stage {request.parameters['Stage']} does not exist"
