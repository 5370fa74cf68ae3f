"""Mistakes in networks, and in scarce resources of an account."""

import json
from typing import Any

from unit.aws_requests.planted.planting import ACCOUNT, REMOVED, Step, planted, recorded


def trust(service: str) -> str:
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}],
        }
    )


def subnet(name: str, zone: str, block: str) -> Step:
    parameters: dict[str, Any] = {"VpcId": "vpc-1", "AvailabilityZone": zone, "CidrBlock": block}
    return ("ec2.CreateSubnet", parameters, {"Subnet": {"SubnetId": name}})


NETWORK = recorded(
    ("ec2.CreateVpc", {"CidrBlock": "10.20.0.0/16"}, {"Vpc": {"VpcId": "vpc-1"}}),
    ("ec2.ModifyVpcAttribute", {"VpcId": "vpc-1", "EnableDnsHostnames": {"Value": True}}),
    ("ec2.CreateInternetGateway", {}, {"InternetGateway": {"InternetGatewayId": "igw-1"}}),
    ("ec2.AttachInternetGateway", {"InternetGatewayId": "igw-1", "VpcId": "vpc-1"}),
    subnet("subnet-a", "us-east-1a", "10.20.0.0/20"),
    subnet("subnet-b", "us-east-1b", "10.20.16.0/20"),
    ("ec2.AllocateAddress", {"Domain": "vpc"}, {"AllocationId": "eipalloc-1"}),
    ("ec2.CreateNatGateway", {"SubnetId": "subnet-a", "AllocationId": "eipalloc-1"}),
    (
        "ec2.CreateSecurityGroup",
        {"GroupName": "vsl-endpoints", "Description": "Interface endpoints", "VpcId": "vpc-1"},
        {"GroupId": "sg-1"},
    ),
    (
        "ec2.AuthorizeSecurityGroupIngress",
        {
            "GroupId": "sg-1",
            "IpPermissions": [
                {
                    "IpProtocol": "tcp",
                    "FromPort": 443,
                    "ToPort": 443,
                    "IpRanges": [{"CidrIp": "10.20.0.0/16", "Description": "From the functions"}],
                }
            ],
        },
    ),
    ("ec2.CreateRouteTable", {"VpcId": "vpc-1"}, {"RouteTable": {"RouteTableId": "rtb-1"}}),
    ("ec2.CreateRoute", {"RouteTableId": "rtb-1", "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1"}),
    ("ec2.CreateRoute", {"RouteTableId": "rtb-1", "DestinationCidrBlock": "10.30.0.0/16", "NatGatewayId": "nat-1"}),
    (
        "ec2.CreateVpcEndpoint",
        {
            "VpcId": "vpc-1",
            "ServiceName": "com.amazonaws.us-east-1.ssm",
            "VpcEndpointType": "Interface",
            "SubnetIds": ["subnet-a", "subnet-b"],
            "SecurityGroupIds": ["sg-1"],
            "PrivateDnsEnabled": True,
        },
    ),
    (
        "ec2.CreateVpcEndpoint",
        {
            "VpcId": "vpc-1",
            "ServiceName": "com.amazonaws.us-east-1.s3",
            "VpcEndpointType": "Gateway",
            "RouteTableIds": ["rtb-1"],
        },
    ),
    ("iam.CreateRole", {"RoleName": "flow-logs", "AssumeRolePolicyDocument": trust("vpc-flow-logs.amazonaws.com")}),
    (
        "ec2.CreateFlowLogs",
        {
            "ResourceIds": ["vpc-1"],
            "ResourceType": "VPC",
            "TrafficType": "ALL",
            "LogDestinationType": "cloud-watch-logs",
            "LogDestination": f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:flows",
            "DeliverLogsPermissionArn": f"arn:aws:iam::{ACCOUNT}:role/flow-logs",
            "MaxAggregationInterval": 600,
        },
    ),
    ("ec2.CreateTags", {"Resources": ["vpc-1"], "Tags": [{"Key": "Name", "Value": "vsl-dev"}]}),
)
FOUR = recorded(
    *[("ec2.AllocateAddress", {"Domain": "vpc"}, {"AllocationId": f"eipalloc-{n}"}) for n in range(5)],
    *[("ec2.CreateVpc", {"CidrBlock": "10.0.0.0/16"}, {"Vpc": {"VpcId": f"vpc-{n}"}}) for n in range(4)],
    ("ec2.ReleaseAddress", {"AllocationId": "eipalloc-0"}),
    ("ec2.DeleteVpc", {"VpcId": "vpc-0"}),
    ("ec2.AllocateAddress", {"Domain": "vpc"}, {"AllocationId": "eipalloc-5"}),
    ("ec2.CreateVpc", {"CidrBlock": "10.0.0.0/16"}, {"Vpc": {"VpcId": "vpc-5"}}),
)
_PERMISSION = "IpPermissions.0"

PLANTED = [
    planted("VPC of a /8", NETWORK, "networks.blocks", (1, "CidrBlock", "10.0.0.0/8")),
    planted("VPC block that is none", NETWORK, "networks.blocks", (1, "CidrBlock", "10.20.0.0")),
    planted("subnet outside its VPC", NETWORK, "networks.blocks", (5, "CidrBlock", "10.21.0.0/20")),
    planted("subnets that overlap", NETWORK, "networks.blocks", (6, "CidrBlock", "10.20.8.0/21")),
    planted("subnet of a /29", NETWORK, "networks.blocks", (5, "CidrBlock", "10.20.0.0/29")),
    planted("zone of another region", NETWORK, "networks.zone_is_in_the_region", (5, "AvailabilityZone", "eu-west-1a")),
    planted("NAT without an address", NETWORK, "networks.nat_gateway", (8, "AllocationId", REMOVED)),
    planted("NAT without an internet gateway", NETWORK, "networks.nat_gateway", (4, "VpcId", "vpc-2")),
    planted("group name that looks like an id", NETWORK, "security_groups.names", (9, "GroupName", "sg-endpoints")),
    planted(
        "group description with a quote",
        NETWORK,
        "security_groups.names",
        (9, "Description", "The functions' endpoints"),
    ),
    planted(
        "rule description with an arrow",
        NETWORK,
        "security_groups.permissions",
        (10, f"{_PERMISSION}.IpRanges.0.Description", "functions → endpoints"),
    ),
    planted(
        "rule description of 300",
        NETWORK,
        "security_groups.permissions",
        (10, f"{_PERMISSION}.IpRanges.0.Description", "d" * 300),
    ),
    planted("ports the wrong way round", NETWORK, "security_groups.permissions", (10, f"{_PERMISSION}.ToPort", 80)),
    planted("protocol without ports", NETWORK, "security_groups.permissions", (10, f"{_PERMISSION}.FromPort", REMOVED)),
    planted(
        "rule for no block",
        NETWORK,
        "security_groups.permissions",
        (10, f"{_PERMISSION}.IpRanges.0.CidrIp", "10.20.0.0/33"),
    ),
    planted("the same destination twice", NETWORK, "networks.routes", (13, "DestinationCidrBlock", "0.0.0.0/0")),
    planted("route to nowhere", NETWORK, "networks.routes", (12, "GatewayId", REMOVED)),
    planted(
        "private names without DNS hostnames",
        NETWORK,
        "endpoints.private_names_need_dns",
        (2, "EnableDnsHostnames", {"Value": False}),
    ),
    planted(
        "endpoint of another region", NETWORK, "endpoints.services", (14, "ServiceName", "com.amazonaws.eu-west-1.ssm")
    ),
    planted(
        "gateway endpoint of Parameter Store",
        NETWORK,
        "endpoints.services",
        (15, "ServiceName", "com.amazonaws.us-east-1.ssm"),
    ),
    planted("gateway endpoint with subnets", NETWORK, "endpoints.services", (15, "SubnetIds", ["subnet-a"])),
    planted(
        "endpoint twice in a zone", NETWORK, "endpoints.one_subnet_in_each_zone", (6, "AvailabilityZone", "us-east-1a")
    ),
    planted("flow logs without a role", NETWORK, "endpoints.flow_logs", (17, "DeliverLogsPermissionArn", REMOVED)),
    planted(
        "flow logs' role of another service",
        NETWORK,
        "endpoints.flow_logs",
        (16, "AssumeRolePolicyDocument", trust("ec2.amazonaws.com")),
    ),
    planted("flow logs every 5 minutes", NETWORK, "endpoints.flow_logs", (17, "MaxAggregationInterval", 300)),
    planted("tag of AWS", NETWORK, "tags.are_acceptable", (18, "Tags.0.Key", "aws:Name")),
    planted("tag with a semicolon", NETWORK, "tags.are_acceptable", (18, "Tags.0.Value", "a;b")),
    planted("tag of 300 characters", NETWORK, "tags.are_acceptable", (18, "Tags.0.Value", "v" * 300)),
    planted("six addresses", FOUR, "quotas.addresses", (10, "", 400)),
    planted("five VPCs beside the default one", FOUR, "quotas.networks", (11, "", 400)),
]
