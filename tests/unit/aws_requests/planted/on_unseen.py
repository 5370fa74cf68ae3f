"""Mistakes written before their author had read the rules: networks, roles and functions."""

import json
from typing import Any

from unit.aws_requests.planted.planting import ACCOUNT, Step, planted, recorded

VPC: Step = ("ec2.CreateVpc", {"CidrBlock": "10.0.0.0/16"}, {"Vpc": {"VpcId": "vpc-0a1"}})
SUBNET: Step = (
    "ec2.CreateSubnet",
    {"VpcId": "vpc-0a1", "CidrBlock": "10.0.0.0/20", "AvailabilityZone": "us-east-1a"},
    {"Subnet": {"SubnetId": "subnet-0a1", "VpcId": "vpc-0a1"}},
)
OTHER_SUBNET: Step = (
    "ec2.CreateSubnet",
    {"VpcId": "vpc-0a1", "CidrBlock": "10.0.16.0/20", "AvailabilityZone": "us-east-1b"},
    {"Subnet": {"SubnetId": "subnet-0b2", "VpcId": "vpc-0a1"}},
)
GROUP: Step = (
    "ec2.CreateSecurityGroup",
    {"GroupName": "vsl-dev-functions", "Description": "Functions to stores", "VpcId": "vpc-0a1"},
    {"GroupId": "sg-0a1"},
)
GROUPS = recorded(VPC, GROUP)
SUBNETS = recorded(VPC, SUBNET, OTHER_SUBNET)
ENDPOINT = recorded(
    VPC,
    ("ec2.ModifyVpcAttribute", {"VpcId": "vpc-0a1", "EnableDnsHostnames": {"Value": True}}),
    SUBNET,
    (
        "ec2.CreateVpcEndpoint",
        {
            "VpcId": "vpc-0a1",
            "VpcEndpointType": "Interface",
            "ServiceName": "com.amazonaws.us-east-1.sqs",
            "SubnetIds": ["subnet-0a1"],
            "PrivateDnsEnabled": True,
        },
    ),
)
NAT = recorded(
    VPC,
    SUBNET,
    ("ec2.CreateInternetGateway", {}, {"InternetGateway": {"InternetGatewayId": "igw-0a1"}}),
    ("ec2.AttachInternetGateway", {"InternetGatewayId": "igw-0a1", "VpcId": "vpc-0a1"}),
    ("ec2.AllocateAddress", {"Domain": "vpc"}, {"AllocationId": "eipalloc-0a1"}),
    ("ec2.CreateNatGateway", {"SubnetId": "subnet-0a1", "AllocationId": "eipalloc-0a1"}),
)
INGRESS = recorded(
    VPC,
    GROUP,
    (
        "ec2.AuthorizeSecurityGroupIngress",
        {
            "GroupId": "sg-0a1",
            "IpPermissions": [
                {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5433, "IpRanges": [{"CidrIp": "10.0.0.0/16"}]}
            ],
        },
    ),
)


def policy(**statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


LAMBDA = {"Service": "lambda.amazonaws.com"}
ROLE: Step = (
    "iam.CreateRole",
    {
        "RoleName": "vsl-dev-authorize",
        "AssumeRolePolicyDocument": policy(Principal=LAMBDA, Action="sts:AssumeRole"),
    },
    {"Role": {"RoleName": "vsl-dev-authorize", "Arn": f"arn:aws:iam::{ACCOUNT}:role/vsl-dev-authorize"}},
)
INLINE: Step = (
    "iam.PutRolePolicy",
    {
        "RoleName": "vsl-dev-authorize",
        "PolicyName": "own",
        "PolicyDocument": policy(
            Sid="SendFailures", Action="sqs:SendMessage", Resource=f"arn:aws:sqs:us-east-1:{ACCOUNT}:vsl-dev-failures"
        ),
    },
)
ROLES = recorded(ROLE, INLINE)
ATTACHED = recorded(
    ROLE,
    *[
        (
            "iam.AttachRolePolicy",
            {"RoleName": "vsl-dev-authorize", "PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/vsl-dev-{number}"},
        )
        for number in range(10)
    ],
    ("iam.AttachRolePolicy", {"RoleName": "vsl-dev-other", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
)
FUNCTION: Step = (
    "lambda.CreateFunction",
    {
        "FunctionName": "vsl-dev-authorize",
        "Runtime": "python3.13",
        "Handler": "handler.handle",
        "Role": f"arn:aws:iam::{ACCOUNT}:role/vsl-dev-authorize",
        "Code": {"S3Bucket": "vsl-dev-packages", "S3Key": "authorize.zip"},
        "MemorySize": 256,
        "Timeout": 5,
    },
)
PROVISIONED = recorded(
    FUNCTION,
    ("lambda.PublishVersion", {"FunctionName": "vsl-dev-authorize"}, {"Version": "1"}),
    ("lambda.CreateAlias", {"FunctionName": "vsl-dev-authorize", "Name": "live", "FunctionVersion": "1"}),
    (
        "lambda.PutProvisionedConcurrencyConfig",
        {"FunctionName": "vsl-dev-authorize", "Qualifier": "live", "ProvisionedConcurrentExecutions": 1},
    ),
)
JOIN = [f"ec2:{act}" for act in ("CreateNetworkInterface", "DescribeNetworkInterfaces", "DeleteNetworkInterface")]
JOIN += [f"ec2:{act}" for act in ("DescribeSubnets", "AssignPrivateIpAddresses", "UnassignPrivateIpAddresses")]
IN_VPC = recorded(
    VPC,
    ("ec2.CreateVpc", {"CidrBlock": "10.1.0.0/16"}, {"Vpc": {"VpcId": "vpc-0b2"}}),
    SUBNET,
    GROUP,
    ROLE,
    (
        "iam.PutRolePolicy",
        {
            "RoleName": "vsl-dev-authorize",
            "PolicyName": "network",
            "PolicyDocument": policy(Action=JOIN, Resource="*"),
        },
    ),
    (FUNCTION[0], {**FUNCTION[1], "VpcConfig": {"SubnetIds": ["subnet-0a1"], "SecurityGroupIds": ["sg-0a1"]}}),
)
ON_FAILURE = recorded(
    ROLE,
    INLINE,
    FUNCTION,
    (
        "lambda.PutFunctionEventInvokeConfig",
        {
            "FunctionName": "vsl-dev-authorize",
            "DestinationConfig": {"OnFailure": {"Destination": f"arn:aws:sqs:us-east-1:{ACCOUNT}:vsl-dev-failures"}},
        },
    ),
)
SEND_ELSEWHERE = policy(Action="sqs:SendMessage", Resource=f"arn:aws:sqs:us-east-1:{ACCOUNT}:vsl-dev-other")
TRUST_WITH_RESOURCE = policy(Principal=LAMBDA, Action="sts:AssumeRole", Resource="*")

PLANTED = [
    planted(
        "a group described with an arrow", GROUPS, "security_groups.names", (2, "Description", "Functions → stores")
    ),
    planted(
        "private DNS without DNS host names",
        ENDPOINT,
        "endpoints.private_names_need_dns",
        (2, "EnableDnsHostnames.Value", False),
    ),
    planted("a subnet inside of another", SUBNETS, "networks.blocks", (3, "CidrBlock", "10.0.8.0/21")),
    planted("a NAT gateway in a VPC without internet gateway", NAT, "networks.nat_gateway", (4, "VpcId", "vpc-0b2")),
    planted("ports from high to low", INGRESS, "security_groups.permissions", (3, "IpPermissions.0.ToPort", 543)),
    planted(
        "a trust policy that names a resource",
        ROLES,
        "roles.trust_grammar",
        (1, "AssumeRolePolicyDocument", TRUST_WITH_RESOURCE),
    ),
    planted(
        "sid with a hyphen",
        ROLES,
        "roles.policy_grammar",
        (2, "PolicyDocument", policy(Sid="send-failures", Action="sqs:SendMessage", Resource="*")),
    ),
    planted(
        "eleven policies on a role", ATTACHED, "roles.attached_policies_are_few", (12, "RoleName", "vsl-dev-authorize")
    ),
    planted(
        "provisioned beside SnapStart",
        PROVISIONED,
        "versions.provisioned_excludes_snapshots",
        (1, "SnapStart", {"ApplyOn": "PublishedVersions"}),
    ),
    planted("group of another VPC than the subnets'", IN_VPC, "shared_vpc.subnets_and_groups", (4, "VpcId", "vpc-0b2")),
    planted(
        "failures where the role may not send",
        ON_FAILURE,
        "destinations.role_can_write",
        (2, "PolicyDocument", SEND_ELSEWHERE),
    ),
    # Planted later, for the remaining checks of the new rules.
    planted(
        "provisioned without a version",
        PROVISIONED,
        "versions.provisioned_excludes_snapshots",
        (4, "Qualifier", "$LATEST"),
    ),
    planted(
        "dead letters where the role may not send",
        ON_FAILURE,
        "destinations.role_can_write",
        (3, "DeadLetterConfig.TargetArn", f"arn:aws:sqs:us-east-1:{ACCOUNT}:vsl-dev-dead"),
    ),
]
