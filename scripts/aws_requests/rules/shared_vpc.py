"""Subnets and security groups that must be in one VPC."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from aws_requests.request import Request
from aws_requests.rules.checks import Problem, whole_recording
from aws_requests.rules.history import answered, before

type Place = tuple[Sequence[str], Sequence[str]]


@whole_recording(source="https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html")
def subnets_and_groups(recording: Sequence[Request]) -> Iterator[Problem]:
    for request in recording:
        place = _place(recording, request)
        if place:
            vpcs = _vpcs(before(recording, request))
            found = {vpcs[name] for names in place for name in names if name in vpcs}
            if len(found) > 1:
                yield request, f"its subnets and security groups are in {len(found)} VPCs"


def _place(recording: Sequence[Request], request: Request) -> Place | None:
    parameters = request.parameters
    match request.name:
        case "lambda.CreateFunction" | "lambda.UpdateFunctionConfiguration":
            network = parameters.get("VpcConfig") or {}
            return network.get("SubnetIds") or [], network.get("SecurityGroupIds") or []
        case "rds.CreateDBProxy":
            return parameters.get("VpcSubnetIds") or [], parameters.get("VpcSecurityGroupIds") or []
        case "ec2.CreateVpcEndpoint":
            return parameters.get("SubnetIds") or [], parameters.get("SecurityGroupIds") or []
        case "rds.CreateDBInstance":
            subnets = _group(recording, "rds.CreateDBSubnetGroup", "DBSubnetGroupName", parameters)
            return subnets, parameters.get("VpcSecurityGroupIds") or []
        case "elasticache.CreateReplicationGroup":
            subnets = _group(recording, "elasticache.CreateCacheSubnetGroup", "CacheSubnetGroupName", parameters)
            return subnets, parameters.get("SecurityGroupIds") or []
    return None


def _group(recording: Sequence[Request], operation: str, name: str, parameters: Mapping[str, Any]) -> Sequence[str]:
    groups = {made.parameters[name]: made.parameters.get("SubnetIds") or [] for made in answered(recording, operation)}
    return groups.get(parameters.get(name), [])


def _vpcs(history: Sequence[Request]) -> dict[str | None, str]:
    """Return the VPC of each subnet and security group whose creation was recorded."""
    vpcs: dict[str | None, str] = {}
    for request in answered(history, "ec2.CreateSubnet"):
        vpcs[(request.answer.get("Subnet") or {}).get("SubnetId")] = request.parameters["VpcId"]
    for request in answered(history, "ec2.CreateSecurityGroup"):
        vpcs[request.answer.get("GroupId")] = request.parameters.get("VpcId", "")
    return vpcs
