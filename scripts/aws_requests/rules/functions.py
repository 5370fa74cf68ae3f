"""Function settings that Lambda refuses."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from aws_requests.request import Request
from aws_requests.rules.checks import Parameters, Problem, each_request, whole_recording
from aws_requests.rules.history import answered, before, function_name, function_settings
from aws_requests.rules.policies import NETWORK_ACTIONS, find_role

_GUIDE = "https://docs.aws.amazon.com/lambda/latest/dg"
_SETTINGS = ("lambda.CreateFunction", "lambda.UpdateFunctionConfiguration")

# https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
_RESERVED_VARIABLES = {
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_LAMBDA_RUNTIME_API",
    "LAMBDA_TASK_ROOT",
    "LAMBDA_RUNTIME_DIR",
}
_SNAPSHOTS = re.compile(r"java(11|17|21|25)|python3\.(1[2-9])|dotnet(8|9|10)")
_NO_LONGER_CREATED = re.compile(
    r"python(2\.7|3\.[678])|nodejs(\d|1[0-6])?(\.x)?|ruby2\.\d|java8|go1\.x|dotnet(core.*|5|6|7)"
)


@each_request(*_SETTINGS, source=f"{_GUIDE}/gettingstarted-limits.html")
def environment_size(parameters: Parameters) -> Iterator[str]:
    variables = (parameters.get("Environment") or {}).get("Variables") or {}
    size = len(json.dumps(variables, separators=(",", ":"), ensure_ascii=False).encode())
    if size > 4096:
        yield f"the environment variables take {size} bytes; Lambda allows 4096 in all"


@each_request(*_SETTINGS, source=f"{_GUIDE}/configuration-envvars.html")
def reserved_variables(parameters: Parameters) -> Iterator[str]:
    variables = (parameters.get("Environment") or {}).get("Variables") or {}
    for name in sorted(_RESERVED_VARIABLES & set(variables)):
        yield f"the environment variable {name} is reserved for Lambda itself"


@each_request("lambda.CreateFunction", source="https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html")
def name_length(parameters: Parameters) -> Iterator[str]:
    name = function_name(parameters["FunctionName"])
    if not re.fullmatch(r"[A-Za-z0-9-_]{1,64}", name):
        yield f"the function name {name!r} must be 1 to 64 letters, digits, hyphens or underscores"


@each_request(*_SETTINGS, source=f"{_GUIDE}/gettingstarted-limits.html")
def sizes(parameters: Parameters) -> Iterator[str]:
    limits = {"MemorySize": (128, 10240), "Timeout": (1, 900)}
    for name, (low, high) in limits.items():
        if (value := parameters.get(name)) is not None and not low <= value <= high:
            yield f"{name} is {value}; Lambda allows {low} to {high}"
    storage = (parameters.get("EphemeralStorage") or {}).get("Size")
    if storage is not None and not 512 <= storage <= 10240:
        yield f"EphemeralStorage is {storage} MB; Lambda allows 512 to 10240"


@each_request("lambda.CreateFunction", source=f"{_GUIDE}/lambda-runtimes.html")
def runtime_is_offered(parameters: Parameters) -> Iterator[str]:
    if _NO_LONGER_CREATED.fullmatch(parameters.get("Runtime", "")):
        yield f"functions with runtime {parameters['Runtime']} can no longer be created"


@each_request("lambda.CreateFunction", source="https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html")
def zip_needs_handler_and_runtime(parameters: Parameters) -> Iterator[str]:
    if parameters.get("PackageType", "Zip") == "Zip":
        for name in ("Runtime", "Handler"):
            if not parameters.get(name):
                yield f"a function from a zip needs {name}"


@each_request("lambda.CreateFunction", "lambda.UpdateFunctionCode", source=f"{_GUIDE}/gettingstarted-limits.html")
def upload_size(parameters: Parameters) -> Iterator[str]:
    upload = parameters.get("ZipFile") or (parameters.get("Code") or {}).get("ZipFile") or b""
    if len(upload) > 50 * 1024 * 1024:
        yield f"the zip has {len(upload)} bytes; an upload in the request may have 50 MB, a larger one goes through S3"


@each_request(*_SETTINGS, source=f"{_GUIDE}/monitoring-cloudwatchlogs-log-level.html")
def levels_need_json(parameters: Parameters) -> Iterator[str]:
    logging = parameters.get("LoggingConfig") or {}
    if logging.get("LogFormat") == "Text" and (logging.get("ApplicationLogLevel") or logging.get("SystemLogLevel")):
        yield "log levels can be set only if LogFormat is JSON"


@each_request(*_SETTINGS, source=f"{_GUIDE}/configuration-vpc.html")
def network_is_whole(parameters: Parameters) -> Iterator[str]:
    network = parameters.get("VpcConfig") or {}
    if bool(network.get("SubnetIds")) != bool(network.get("SecurityGroupIds")):
        yield "VpcConfig needs both subnets and security groups"
    if len(network.get("SubnetIds") or []) > 16 or len(network.get("SecurityGroupIds") or []) > 5:
        yield "VpcConfig takes at most 16 subnets and 5 security groups"


@whole_recording(source=f"{_GUIDE}/snapstart.html#snapstart-runtimes")
def snapshots_have_limits(recording: Sequence[Request]) -> Iterator[Problem]:
    for request, settings in _settings(recording):
        if (settings.get("SnapStart") or {}).get("ApplyOn") != "PublishedVersions":
            continue
        if ((settings.get("EphemeralStorage") or {}).get("Size") or 512) > 512:
            yield request, "SnapStart does not support ephemeral storage of more than 512 MB"
        if (runtime := settings.get("Runtime")) and not _SNAPSHOTS.fullmatch(runtime):
            yield request, f"SnapStart does not support the runtime {runtime}"
        if settings.get("FileSystemConfigs"):
            yield request, "SnapStart does not support a file system"


@whole_recording(source=f"{_GUIDE}/lambda-intro-execution-role.html")
def role_trusts_lambda(recording: Sequence[Request]) -> Iterator[Problem]:
    for request, settings in _settings(recording):
        role = find_role(before(recording, request), settings.get("Role") or "")
        if role is not None and not role.trusts("lambda.amazonaws.com"):
            yield request, "Lambda cannot assume the role: its trust policy does not name lambda.amazonaws.com"


@whole_recording(source=f"{_GUIDE}/configuration-vpc.html#configuration-vpc-permissions")
def role_can_join_network(recording: Sequence[Request]) -> Iterator[Problem]:
    """Check the role as Lambda does before any interface exists: no resource, and no `lambda:SourceFunctionArn`.

    A scoped CreateNetworkInterface passes. https://github.com/hashicorp/terraform-provider-aws/issues/20698
    """
    for request, settings in _settings(recording):
        arn = settings.get("Role") or ""
        role = find_role(before(recording, request), arn)
        if role is None or not (settings.get("VpcConfig") or {}).get("SubnetIds"):
            continue
        network = f"arn:aws:ec2:{request.region}:{arn.split(':')[4]}"
        for action in NETWORK_ACTIONS:
            resource = "network-interface/*" if action == "CreateNetworkInterface" else "*/*"
            if not role.allows(f"ec2:{action}", f"{network}:{resource}"):
                yield request, f"the execution role must allow ec2:{action} on every resource"


@whole_recording(source=f"{_GUIDE}/configuration-envvars-encryption.html")
def role_can_use_the_key(recording: Sequence[Request]) -> Iterator[Problem]:
    """Lambda creates the function without this permission, and every call of it fails."""
    for request, settings in _settings(recording):
        key, role = settings.get("KMSKeyArn"), find_role(before(recording, request), settings.get("Role") or "")
        if key and role and not role.allows("kms:Decrypt", key):
            yield request, "the execution role must allow kms:Decrypt on the key of the environment variables"


@whole_recording(source="https://docs.aws.amazon.com/lambda/latest/api/API_FunctionCode.html")
def code_is_in_the_region(recording: Sequence[Request]) -> Iterator[Problem]:
    for request in recording:
        if request.name not in ("lambda.CreateFunction", "lambda.UpdateFunctionCode", "lambda.PublishLayerVersion"):
            continue
        code = request.parameters.get("Code") or request.parameters.get("Content") or request.parameters
        for bucket in answered(before(recording, request), "s3.CreateBucket"):
            if bucket.parameters["Bucket"] == code.get("S3Bucket") and bucket.region != request.region:
                yield request, f"the bucket of the code is in {bucket.region}, the function in {request.region}"


def _settings(recording: Sequence[Request]) -> Iterator[tuple[Request, dict[str, Any]]]:
    """Yield each request that creates or changes a function, with the function's settings after it."""
    for request in recording:
        if request.name in _SETTINGS:
            name = function_name(request.parameters["FunctionName"])
            earlier = function_settings(before(recording, request), name) or {}
            yield request, {**earlier, **request.parameters}
