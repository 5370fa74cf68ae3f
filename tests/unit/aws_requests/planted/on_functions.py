"""Mistakes in functions, versions and aliases."""

import json
from typing import Any

from unit.aws_requests.planted.planting import ACCOUNT, REMOVED, planted, recorded


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(actions: list[str], resources: list[str], **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **more}


def trust(service: str) -> str:
    return policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}})


EC2 = f"arn:aws:ec2:us-east-1:{ACCOUNT}"
SCOPED = ["ec2:DeleteNetworkInterface", "ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses"]
DESCRIBE = ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"]
CREATE = allow(["ec2:CreateNetworkInterface"], [f"{EC2}:network-interface/*", f"{EC2}:subnet/subnet-1"])
QUEUE_ARN = f"arn:aws:sqs:us-east-1:{ACCOUNT}:work"
LAYER = f"arn:aws:lambda:us-east-1:{ACCOUNT}:layer:shared:1"
FUNCTION_ARN = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:worker"
READ_QUEUE = allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], [QUEUE_ARN])
NOT_FROM_CODE = {
    "Effect": "Deny",
    "Action": ["ec2:*"],
    "Resource": "*",
    "Condition": {"ArnEquals": {"lambda:SourceFunctionArn": FUNCTION_ARN}},
}
RIGHTS = policy(CREATE, allow(SCOPED + DESCRIBE, ["*"]), NOT_FROM_CODE, READ_QUEUE)

WORKER = recorded(
    ("iam.CreateRole", {"RoleName": "worker", "AssumeRolePolicyDocument": trust("lambda.amazonaws.com")}),
    ("iam.PutRolePolicy", {"RoleName": "worker", "PolicyName": "worker", "PolicyDocument": RIGHTS}),
    (
        "lambda.PublishLayerVersion",
        {"LayerName": "shared", "CompatibleArchitectures": ["arm64"], "CompatibleRuntimes": ["python3.13"]},
        {"LayerVersionArn": LAYER, "Version": 1},
    ),
    (
        "lambda.CreateFunction",
        {
            "FunctionName": "worker",
            "Role": f"arn:aws:iam::{ACCOUNT}:role/worker",
            "Runtime": "python3.13",
            "Handler": "worker.handler.lambda_handler",
            "Code": {"S3Bucket": "packages", "S3Key": "worker.zip"},
            "Architectures": ["arm64"],
            "Layers": [LAYER],
            "MemorySize": 512,
            "Timeout": 60,
            "EphemeralStorage": {"Size": 512},
            "Environment": {"Variables": {"LOG_LEVEL": "INFO"}},
            "SnapStart": {"ApplyOn": "PublishedVersions"},
            "VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]},
            "LoggingConfig": {"LogFormat": "JSON", "ApplicationLogLevel": "DEBUG", "SystemLogLevel": "INFO"},
            "Publish": True,
        },
        {"FunctionName": "worker", "Version": "1"},
    ),
    ("lambda.CreateAlias", {"FunctionName": "worker", "Name": "live", "FunctionVersion": "1"}),
    ("lambda.GetAccountSettings", {}, {"AccountLimit": {"ConcurrentExecutions": 1000}}),
    ("lambda.PutFunctionConcurrency", {"FunctionName": "worker", "ReservedConcurrentExecutions": 20}),
    ("sqs.CreateQueue", {"QueueName": "work", "Attributes": {"VisibilityTimeout": "120"}}),
    (
        "lambda.CreateEventSourceMapping",
        {
            "EventSourceArn": QUEUE_ARN,
            "FunctionName": f"{FUNCTION_ARN}:live",
            "BatchSize": 1,
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "ScalingConfig": {"MaximumConcurrency": 10},
        },
        {"UUID": "5c2e"},
    ),
    (
        "lambda.AddPermission",
        {
            "FunctionName": "worker",
            "StatementId": "schedule",
            "Action": "lambda:InvokeFunction",
            "Principal": "events.amazonaws.com",
            "SourceArn": f"arn:aws:events:us-east-1:{ACCOUNT}:rule/worker",
        },
    ),
    ("lambda.Invoke", {"FunctionName": "worker", "InvocationType": "Event", "Payload": b"{}"}),
    ("lambda.CreateFunction", {"FunctionName": "other", "Runtime": "python3.13", "Handler": "a.b", "Code": {}}),
    ("lambda.CreateEventSourceMapping", {"EventSourceArn": QUEUE_ARN, "FunctionName": "other"}, {"UUID": "7d1f"}),
)

PLANTED = [
    planted(
        "network interfaces deleted only by ARN",
        WORKER,
        "functions.role_can_join_network",
        (2, "PolicyDocument", policy(CREATE, allow(SCOPED, [f"{EC2}:network-interface/*"]), allow(DESCRIBE, ["*"]))),
    ),
    planted(
        "role may not describe subnets",
        WORKER,
        "functions.role_can_join_network",
        (2, "PolicyDocument", policy(CREATE, allow(SCOPED + DESCRIBE[:1], ["*"]), READ_QUEUE)),
    ),
    planted(
        "role denied the network without a condition",
        WORKER,
        "functions.role_can_join_network",
        (
            2,
            "PolicyDocument",
            RIGHTS.replace('"Condition"', '"Sid"').replace(json.dumps(NOT_FROM_CODE["Condition"]), '""'),
        ),
    ),
    planted("role without its policy", WORKER, "functions.role_can_join_network", (2, "", 400)),
    planted(
        "role that another service assumes",
        WORKER,
        "functions.role_trusts_lambda",
        (1, "AssumeRolePolicyDocument", trust("ec2.amazonaws.com")),
    ),
    planted(
        "environment over 4 KB", WORKER, "functions.environment_size", (4, "Environment.Variables.MODELS", "m" * 4096)
    ),
    planted(
        "environment sets the region",
        WORKER,
        "functions.reserved_variables",
        (4, "Environment.Variables.AWS_REGION", "us-east-1"),
    ),
    planted("function name over 64", WORKER, "functions.name_length", (12, "FunctionName", "n" * 65)),
    planted("memory of 64 MB", WORKER, "functions.sizes", (4, "MemorySize", 64)),
    planted("timeout of 20 minutes", WORKER, "functions.sizes", (12, "Timeout", 1200)),
    planted("scratch space of 20 GB", WORKER, "functions.sizes", (12, "EphemeralStorage", {"Size": 20480})),
    planted("runtime that has ended", WORKER, "functions.runtime_is_offered", (12, "Runtime", "python3.8")),
    planted("zip without a handler", WORKER, "functions.zip_needs_handler_and_runtime", (12, "Handler", REMOVED)),
    planted(
        "zip of 60 MB in the request",
        WORKER,
        "functions.upload_size",
        (12, "Code", {"ZipFile": b"z" * 60 * 1024 * 1024}),
    ),
    planted("log level for text", WORKER, "functions.levels_need_json", (4, "LoggingConfig.LogFormat", "Text")),
    planted(
        "subnets without security groups", WORKER, "functions.network_is_whole", (4, "VpcConfig.SecurityGroupIds", [])
    ),
    planted(
        "snapshots with 1 GB of scratch space",
        WORKER,
        "functions.snapshots_have_limits",
        (4, "EphemeralStorage.Size", 1024),
    ),
    planted("snapshots of python3.11", WORKER, "functions.snapshots_have_limits", (4, "Runtime", "python3.11")),
    planted("alias to a missing version", WORKER, "versions.alias_names_a_version", (5, "FunctionVersion", "2")),
    planted(
        "alias that splits to $LATEST",
        WORKER,
        "versions.weights_need_a_version",
        (5, "RoutingConfig", {"AdditionalVersionWeights": {"$LATEST": 0.1}}),
    ),
    planted(
        "six layers", WORKER, "versions.layers_are_few", (4, "Layers", [f"{LAYER[:-8]}{name}:1" for name in "abcdef"])
    ),
    planted("two versions of a layer", WORKER, "versions.layers_are_few", (4, "Layers", [LAYER, f"{LAYER[:-1]}2"])),
    planted(
        "layer of another architecture",
        WORKER,
        "versions.layers_fit_the_function",
        (3, "CompatibleArchitectures", ["x86_64"]),
    ),
    planted(
        "more reserved than the account has",
        WORKER,
        "versions.reserved_concurrency_fits",
        (7, "ReservedConcurrentExecutions", 950),
    ),
    planted("asynchronous payload of 2 MB", WORKER, "versions.payload_size", (11, "Payload", b"x" * 2 * 1024 * 1024)),
    planted("permission for every account", WORKER, "versions.permission_is_well_formed", (10, "SourceArn", REMOVED)),
    planted("permission for no action", WORKER, "versions.permission_is_well_formed", (10, "Action", "InvokeFunction")),
    # AWS refuses these, but requests do not show them:
    planted("zip of 300 MB unpacked", WORKER, None, (4, "Code.S3Key", "huge.zip")),
    planted("no network interface left in the subnet", WORKER, None, (4, "VpcConfig.SubnetIds", ["subnet-full"])),
]
