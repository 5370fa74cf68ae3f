"""Versions, aliases, layers and concurrency that Lambda refuses."""

from collections import Counter
from collections.abc import Iterator, Sequence

from aws_requests.request import Request
from aws_requests.rules.checks import Parameters, Problem, each_request, whole_recording
from aws_requests.rules.history import answered, before, function_name, function_settings

_GUIDE = "https://docs.aws.amazon.com/lambda/latest/dg"
_API = "https://docs.aws.amazon.com/lambda/latest/api"
_SETTINGS = ("lambda.CreateFunction", "lambda.UpdateFunctionConfiguration")
_PUBLISHING = ("lambda.CreateFunction", "lambda.PublishVersion", "lambda.UpdateFunctionCode")


@whole_recording(source=f"{_GUIDE}/configuration-aliases.html")
def alias_names_a_version(recording: Sequence[Request]) -> Iterator[Problem]:
    for request in recording:
        if request.name not in ("lambda.CreateAlias", "lambda.UpdateAlias"):
            continue
        name = function_name(request.parameters["FunctionName"])
        history = before(recording, request)
        wanted = request.parameters.get("FunctionVersion", "$LATEST")
        if function_settings(history, name) and wanted not in _versions(history, name):
            yield request, f"version {wanted} of {name} has not been published"


@each_request("lambda.CreateAlias", "lambda.UpdateAlias", source=f"{_GUIDE}/configuring-alias-routing.html")
def weights_need_a_version(parameters: Parameters) -> Iterator[str]:
    weights = (parameters.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    if "$LATEST" in weights or (weights and parameters.get("FunctionVersion") == "$LATEST"):
        yield "an alias with weights cannot name $LATEST"
    if parameters.get("FunctionVersion") in weights:
        yield "the two versions of an alias with weights must differ"
    if sum(weights.values()) > 1:
        yield "the weights of an alias must not exceed 1"


@each_request(*_SETTINGS, source=f"{_GUIDE}/gettingstarted-limits.html")
def layers_are_few(parameters: Parameters) -> Iterator[str]:
    layers = parameters.get("Layers") or []
    if len(layers) > 5:
        yield f"the function has {len(layers)} layers; Lambda allows 5"
    for layer, count in Counter(arn.rpartition(":")[0] for arn in layers).items():
        if count > 1:
            yield f"two versions of the same layer {layer}"


@whole_recording(source=f"{_API}/API_PublishLayerVersion.html")
def layers_fit_the_function(recording: Sequence[Request]) -> Iterator[Problem]:
    """Lambda does not refuse another architecture or runtime: the function fails when it loads the layer."""
    layers = {layer.answer.get("LayerVersionArn"): layer for layer in answered(recording, "lambda.PublishLayerVersion")}
    for request in recording:
        if request.name != "lambda.CreateFunction":
            continue
        architecture = (request.parameters.get("Architectures") or ["x86_64"])[0]
        for arn in request.parameters.get("Layers") or []:
            layer = layers[arn].parameters if arn in layers else {}
            if architecture not in (layer.get("CompatibleArchitectures") or [architecture]):
                yield request, f"layer {arn} is not for {architecture}"
            runtime = request.parameters.get("Runtime")
            if runtime not in (layer.get("CompatibleRuntimes") or [runtime]):
                yield request, f"layer {arn} is not for {runtime}"


@whole_recording(source=f"{_GUIDE}/adding-layers.html")
def layers_exist(recording: Sequence[Request]) -> Iterator[Problem]:
    for request in recording:
        if request.name not in _SETTINGS:
            continue
        published = {
            layer.answer.get("LayerVersionArn") for layer in answered(before(recording, request), *_LAYER_SOURCES)
        }
        for arn in request.parameters.get("Layers") or []:
            if arn.split(":")[3] != request.region:
                yield request, f"the layer {arn} is not in {request.region}"
            elif published and arn not in published:
                yield request, f"the layer {arn} has not been published"


_LAYER_SOURCES = ("lambda.PublishLayerVersion", "lambda.GetLayerVersion", "lambda.GetLayerVersionByArn")


@whole_recording(source=f"{_GUIDE}/configuration-concurrency.html")
def reserved_concurrency_fits(recording: Sequence[Request]) -> Iterator[Problem]:
    """Compare the sum of all reservations with the account's limit, as GetAccountSettings last answered it."""
    reserved: dict[str, int] = {}
    limit = 1000  # of an account whose limit was not asked for
    for request in answered(recording, *_CONCURRENCY):
        if request.operation == "GetAccountSettings":
            limit = (request.answer.get("AccountLimit") or {}).get("ConcurrentExecutions", limit)
            continue
        name = function_name(request.parameters["FunctionName"])
        reserved[name] = 0
        if request.operation == "PutFunctionConcurrency":
            reserved[name] = request.parameters["ReservedConcurrentExecutions"]
            if reserved[name] > 0 and sum(reserved.values()) > limit - min(100, limit):
                yield request, _TOO_MUCH.format(total=sum(reserved.values()), limit=limit, unreserved=min(100, limit))


_CONCURRENCY = (
    "lambda.GetAccountSettings",
    "lambda.PutFunctionConcurrency",
    "lambda.DeleteFunctionConcurrency",
    "lambda.DeleteFunction",
)
_TOO_MUCH = "{total} reserved executions leave less than {unreserved} of {limit} for other functions"


@whole_recording(source=f"{_GUIDE}/snapstart.html")
def provisioned_excludes_snapshots(recording: Sequence[Request]) -> Iterator[Problem]:
    for request in recording:
        if request.name != "lambda.PutProvisionedConcurrencyConfig":
            continue
        settings = function_settings(before(recording, request), function_name(request.parameters["FunctionName"]))
        if ((settings or {}).get("SnapStart") or {}).get("ApplyOn") == "PublishedVersions":
            yield request, "a function with SnapStart cannot have provisioned concurrency"
        if request.parameters.get("Qualifier") == "$LATEST":
            yield request, "provisioned concurrency needs a version or an alias, not $LATEST"


@each_request("lambda.Invoke", source=f"{_GUIDE}/gettingstarted-limits.html")
def payload_size(parameters: Parameters) -> Iterator[str]:
    size = len(parameters.get("Payload") or b"")
    limit = 1024 * 1024 if parameters.get("InvocationType") == "Event" else 6 * 1024 * 1024
    if size > limit:
        yield f"the payload has {size} bytes; this kind of invocation takes {limit}"


@each_request("lambda.AddPermission", source=f"{_API}/API_AddPermission.html")
def permission_is_well_formed(parameters: Parameters) -> Iterator[str]:
    source = parameters.get("SourceArn") or ""
    if source and not source.startswith("arn:"):
        yield f"SourceArn {source!r} is not an ARN"
    if not parameters.get("Action", "").startswith(("lambda:", "*")):
        yield f"Action {parameters.get('Action')!r} is not an action of Lambda"
    principal = parameters.get("Principal", "")
    if principal.endswith(".amazonaws.com") and not source and not parameters.get("SourceAccount"):
        yield f"without SourceArn or SourceAccount every account's {principal} may call the function"


@whole_recording(source=f"{_API}/API_AddPermission.html")
def statement_ids_are_new(recording: Sequence[Request]) -> Iterator[Problem]:
    existing: set[tuple[str, str | None, str]] = set()
    for request in answered(recording, "lambda.AddPermission", "lambda.RemovePermission", "lambda.DeleteFunction"):
        name, qualifier = function_name(request.parameters["FunctionName"]), request.parameters.get("Qualifier")
        statement = (name, qualifier, request.parameters.get("StatementId", ""))
        if request.operation == "DeleteFunction":
            existing = {other for other in existing if other[0] != name}
        elif request.operation == "RemovePermission":
            existing.discard(statement)
        elif statement in existing:
            yield request, f"the statement id {statement[2]} provided already exists"
        else:
            existing.add(statement)


def _versions(recording: Sequence[Request], name: str) -> set[str]:
    """Return the versions that were published and answered."""
    published = {"$LATEST"}
    for request in answered(recording, *_PUBLISHING):
        if function_name(request.parameters["FunctionName"]) == name:
            published.add(str(request.answer.get("Version", "$LATEST")))
    return published
