"""Security groups that EC2 refuses."""

import ipaddress
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from aws_requests.request import Request
from aws_requests.rules.checks import Parameters, Problem, each_request, whole_recording
from aws_requests.rules.history import answered

_API = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference"
_TEXT = re.compile(r"[a-zA-Z0-9. _:/()#,@\[\]+=&;{}!$*-]*")
_CHARACTERS = "255 characters of a-z, A-Z, 0-9, spaces and ._-:/()#,@[]+=&;{}!$*"
_RULES = ("ec2.AuthorizeSecurityGroupIngress", "ec2.AuthorizeSecurityGroupEgress")
_PEERS = ("IpRanges", "Ipv6Ranges", "PrefixListIds", "UserIdGroupPairs")


@each_request("ec2.CreateSecurityGroup", source=f"{_API}/API_CreateSecurityGroup.html")
def names(parameters: Parameters) -> Iterator[str]:
    if parameters["GroupName"].startswith("sg-"):
        yield "a security group's name must not begin with sg-"
    for name in ("GroupName", "Description"):
        text = parameters.get(name) or ""
        if not 1 <= len(text) <= 255 or not _TEXT.fullmatch(text):
            yield f"{name} {text!r}: 1 to {_CHARACTERS}"


@each_request(*_RULES, source=f"{_API}/API_AuthorizeSecurityGroupIngress.html")
def permissions(parameters: Parameters) -> Iterator[str]:
    for permission in parameters.get("IpPermissions") or []:
        yield from _port_problems(permission)
        peers = [peer for kind in _PEERS for peer in permission.get(kind) or []]
        if not peers:
            yield "a rule names a block, a prefix list or a group"
        for peer in peers:
            text = peer.get("Description") or ""
            if len(text) > 255 or not _TEXT.fullmatch(text):
                yield f"the description {text[:40]!r} has at most {_CHARACTERS}"
            block = peer.get("CidrIp") or peer.get("CidrIpv6")
            if block and not _is_block(block):
                yield f"{block!r} is not a block of addresses"


@whole_recording(source=f"{_API}/API_CreateSecurityGroup.html")
def names_are_new(recording: Sequence[Request]) -> Iterator[Problem]:
    existing: dict[str, tuple[str | None, str]] = {}
    for request in answered(recording, "ec2.CreateSecurityGroup", "ec2.DeleteSecurityGroup"):
        if request.operation == "DeleteSecurityGroup":
            existing.pop(request.parameters.get("GroupId", ""), None)
            continue
        name = (request.parameters.get("VpcId"), request.parameters["GroupName"])
        if name in existing.values():
            yield request, f"the VPC has a security group {name[1]!r} already"
        existing[request.answer.get("GroupId", str(request.number))] = name


@whole_recording(source=f"{_API}/API_AuthorizeSecurityGroupIngress.html")
def rules_are_new(recording: Sequence[Request]) -> Iterator[Problem]:
    """EC2 answers InvalidPermission.Duplicate, whatever the description; a new account has 60 rules for each group."""
    rules: dict[tuple[str, str], set[str]] = {}
    for request in answered(recording, *_RULES, *_REVOKED):
        group = rules.setdefault((request.parameters.get("GroupId", ""), request.operation[-6:]), set())
        if request.name in _REVOKED:
            group.clear() if request.parameters.get("SecurityGroupRuleIds") else None
        for rule in _single_rules(request.parameters):
            if request.name in _REVOKED:
                group.discard(rule)
            elif rule in group:
                yield request, "the security group has this rule already"
            else:
                group.add(rule)
        if request.name in _RULES and len(group) > 60:
            yield request, f"{len(group)} rules in one direction; a new account has 60 for each security group"


_REVOKED = ("ec2.RevokeSecurityGroupIngress", "ec2.RevokeSecurityGroupEgress")


def _single_rules(parameters: Parameters) -> Iterator[str]:
    """Yield each pair of ports and peer as a text to compare by."""
    for permission in parameters.get("IpPermissions") or []:
        ports = [permission.get(name) for name in ("IpProtocol", "FromPort", "ToPort")]
        for kind in _PEERS:
            for peer in permission.get(kind) or []:
                yield json.dumps([ports, kind, {name: peer[name] for name in sorted(peer) if name != "Description"}])


def _port_problems(permission: Mapping[str, Any]) -> Iterator[str]:
    protocol, first, last = permission.get("IpProtocol"), permission.get("FromPort"), permission.get("ToPort")
    if protocol in ("tcp", "udp", "6", "17"):
        if first is None or last is None:
            yield f"a rule for {protocol} needs FromPort and ToPort"
        elif not 0 <= first <= last <= 65_535:
            yield f"ports {first} to {last} are not a range"


def _is_block(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True
