"""What EC2 refuses of security groups."""

import ipaddress
import re
from collections.abc import Iterator, Mapping
from typing import Any

from aws_requests.rules.checks import Parameters, each_request

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
