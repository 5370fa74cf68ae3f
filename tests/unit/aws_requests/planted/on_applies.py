"""Mistakes in functions and networks from other projects' failed applies, collected before the rules existed."""

import json
from dataclasses import replace
from typing import Any

from aws_requests.request import Request
from unit.aws_requests.planted.planting import ACCOUNT, Planted, planted, recorded


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/k1"
LAYER = f"arn:aws:lambda:us-east-1:{ACCOUNT}:layer:shared"
INVOKE = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions"
FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:worker"
NETWORK = {"SubnetIds": ["subnet-a"], "SecurityGroupIds": ["sg-1"]}
LAMBDA = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
RIGHTS = [
    {"Effect": "Allow", "Action": ["kms:Decrypt"], "Resource": [KEY]},
    {"Effect": "Allow", "Action": ["ec2:*"], "Resource": "*"},
]


def permission(statement_id: str) -> dict[str, str]:
    return {
        "FunctionName": "worker",
        "StatementId": statement_id,
        "Action": "lambda:InvokeFunction",
        "Principal": "apigateway.amazonaws.com",
        "SourceArn": f"arn:aws:execute-api:us-east-1:{ACCOUNT}:a1/*/GET/jobs",
    }


def rule(port: int) -> dict[str, Any]:
    peers = {"IpRanges": [{"CidrIp": "10.0.0.0/16", "Description": str(port)}]}
    return {"GroupId": "sg-1", "IpPermissions": [{"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **peers}]}


WORKER = recorded(
    ("iam.CreateRole", {"RoleName": "worker", "AssumeRolePolicyDocument": policy(LAMBDA)}),
    ("iam.PutRolePolicy", {"RoleName": "worker", "PolicyName": "worker", "PolicyDocument": policy(*RIGHTS)}),
    ("lambda.PublishLayerVersion", {"LayerName": "shared"}, {"LayerVersionArn": f"{LAYER}:1"}),
    ("ec2.CreateSubnet", {"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/24"}, {"Subnet": {"SubnetId": "subnet-a"}}),
    ("ec2.CreateSecurityGroup", {"VpcId": "vpc-1", "GroupName": "a", "Description": "a"}, {"GroupId": "sg-1"}),
    (
        "lambda.CreateFunction",
        {
            "FunctionName": "worker",
            "Role": f"arn:aws:iam::{ACCOUNT}:role/worker",
            "Runtime": "python3.13",
            "Handler": "worker.handler",
            "Code": {"S3Bucket": "packages", "S3Key": "worker.zip"},
            "Layers": [f"{LAYER}:1"],
            "KMSKeyArn": KEY,
            "VpcConfig": NETWORK,
        },
    ),
    ("lambda.AddPermission", permission("get")),
    ("lambda.AddPermission", permission("post")),
    (
        "apigatewayv2.CreateIntegration",
        {
            "ApiId": "a1",
            "IntegrationType": "AWS_PROXY",
            "IntegrationUri": f"{INVOKE}/{FUNCTION}/invocations",
            "PayloadFormatVersion": "2.0",
        },
    ),
    ("ec2.AuthorizeSecurityGroupEgress", rule(443)),
    ("ec2.AuthorizeSecurityGroupEgress", rule(444)),
    ("ec2.CreateSecurityGroup", {"VpcId": "vpc-1", "GroupName": "b", "Description": "b"}, {"GroupId": "sg-2"}),
    ("rds.CreateDBSubnetGroup", {"DBSubnetGroupName": "database", "SubnetIds": ["subnet-a", "subnet-z"]}),
    ("elasticache.CreateCacheSubnetGroup", {"CacheSubnetGroupName": "cache", "SubnetIds": ["subnet-a"]}),
    (
        "elasticache.CreateReplicationGroup",
        {"ReplicationGroupId": "c", "CacheSubnetGroupName": "cache", "SecurityGroupIds": ["sg-2"]},
    ),
)

PORTS = [permission for port in range(61) for permission in rule(port + 1000)["IpPermissions"]]
BUCKET = [Request(1, "s3", "CreateBucket", {"Bucket": "packages"}, "root")]
LAYER_OF_BUCKET = {"LayerName": "shared", "Content": {"S3Bucket": "packages", "S3Key": "shared.zip"}}
PUBLISHED = [*BUCKET, Request(2, "lambda", "PublishLayerVersion", LAYER_OF_BUCKET, "root")]
PUBLISHED_ELSEWHERE = [*BUCKET, replace(PUBLISHED[1], region="eu-west-1")]

PLANTED = [
    Planted("code in another region", PUBLISHED, PUBLISHED_ELSEWHERE, "functions.code_is_in_the_region"),
    planted("statement id twice", WORKER, "versions.statement_ids_are_new", (8, "StatementId", "get")),
    planted(
        "layer of another region",
        WORKER,
        "versions.layers_exist",
        (6, "Layers", [f"{LAYER}:1".replace("us-east-1", "eu-west-1")]),
    ),
    planted("layer that is not published", WORKER, "versions.layers_exist", (6, "Layers", [f"{LAYER}:2"])),
    planted(
        "role may not decrypt the environment",
        WORKER,
        "functions.role_can_use_the_key",
        (2, "PolicyDocument", policy(RIGHTS[1])),
    ),
    planted("function between two VPCs", WORKER, "shared_vpc.subnets_and_groups", (5, "VpcId", "vpc-2")),
    planted("cache between two VPCs", WORKER, "shared_vpc.subnets_and_groups", (12, "VpcId", "vpc-2")),
    planted(
        "function of another region behind the API",
        WORKER,
        "http_api.function_is_in_the_region",
        (9, "IntegrationUri", f"{INVOKE}/{FUNCTION}/invocations".replace("lambda:us-east-1", "lambda:eu-west-1")),
    ),
    planted(
        "security group rule twice",
        WORKER,
        "security_groups.rules_are_new",
        (11, "IpPermissions", rule(443)["IpPermissions"]),
    ),
    planted("61 security group rules", WORKER, "security_groups.rules_are_new", (11, "IpPermissions", PORTS)),
    planted("security group name twice", WORKER, "security_groups.names_are_new", (12, "GroupName", "a")),
    # AWS knows which zones lack a service; a rule would need a list that changes.
    planted("subnet in a zone without RDS Proxy", WORKER, None, (4, "AvailabilityZone", "us-east-1e")),
]
