"""VPCs, subnets, routes and NAT gateways that EC2 refuses."""

import ipaddress
from collections.abc import Iterator, Sequence

from aws_requests.request import Request
from aws_requests.rules.checks import Problem, whole_recording
from aws_requests.rules.history import answered, before

_GUIDE = "https://docs.aws.amazon.com/vpc/latest/userguide"
_API = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference"
_TARGETS = (
    "GatewayId",
    "NatGatewayId",
    "VpcPeeringConnectionId",
    "TransitGatewayId",
    "NetworkInterfaceId",
    "VpcEndpointId",
    "InstanceId",
    "EgressOnlyInternetGatewayId",
    "LocalGatewayId",
    "CarrierGatewayId",
    "CoreNetworkArn",
)


@whole_recording(source=f"{_GUIDE}/subnet-sizing.html")
def blocks(recording: Sequence[Request]) -> Iterator[Problem]:
    for request in recording:
        if request.name not in ("ec2.CreateVpc", "ec2.CreateSubnet") or not request.parameters.get("CidrBlock"):
            continue
        try:
            block = ipaddress.IPv4Network(request.parameters["CidrBlock"], strict=False)
        except ValueError:
            yield request, f"{request.parameters['CidrBlock']!r} is not a block of addresses"
            continue
        if not 16 <= block.prefixlen <= 28:
            yield request, f"{block}: a VPC or subnet is a /16 to a /28"
        if request.operation == "CreateSubnet":
            yield from ((request, problem) for problem in _place_problems(before(recording, request), request, block))


def _place_problems(history: Sequence[Request], request: Request, block: ipaddress.IPv4Network) -> Iterator[str]:
    for vpc in answered(history, "ec2.CreateVpc"):
        if (vpc.answer.get("Vpc") or {}).get("VpcId") == request.parameters["VpcId"]:
            whole = ipaddress.IPv4Network(vpc.parameters["CidrBlock"], strict=False)
            if not block.subnet_of(whole):
                yield f"{block} is not inside its VPC's {whole}"
    deleted_ids = {deleted.parameters["SubnetId"] for deleted in answered(history, "ec2.DeleteSubnet")}
    for other in answered(history, "ec2.CreateSubnet"):
        if other.parameters["VpcId"] == request.parameters["VpcId"] and _subnet_id(other) not in deleted_ids:
            taken = ipaddress.IPv4Network(other.parameters["CidrBlock"], strict=False)
            if taken.overlaps(block):
                yield f"{block} overlaps with the subnet {taken}"


def _subnet_id(request: Request) -> str | None:
    return (request.answer.get("Subnet") or {}).get("SubnetId")


@whole_recording(source=f"{_API}/API_CreateSubnet.html")
def zone_is_in_the_region(recording: Sequence[Request]) -> Iterator[Problem]:
    for request in answered(recording, "ec2.CreateSubnet"):
        zone = request.parameters.get("AvailabilityZone")
        if zone and not zone.startswith(request.region):
            yield request, f"the zone {zone} is not in {request.region}"


@whole_recording(source=f"{_GUIDE}/vpc-nat-gateway.html")
def nat_gateway(recording: Sequence[Request]) -> Iterator[Problem]:
    for request in recording:
        if request.name != "ec2.CreateNatGateway" or request.parameters.get("ConnectivityType") == "private":
            continue
        history = before(recording, request)
        if not request.parameters.get("AllocationId"):
            yield request, "a public NAT gateway needs the allocation id of an elastic IP"
        vpcs = {_subnet_id(made): made.parameters["VpcId"] for made in answered(history, "ec2.CreateSubnet")}
        vpc = vpcs.get(request.parameters["SubnetId"])
        attached = {change.parameters["VpcId"] for change in answered(history, "ec2.AttachInternetGateway")}
        if vpc and vpc not in attached:
            yield request, f"the network {vpc} has no internet gateway attached"


@whole_recording(source=f"{_API}/API_CreateRoute.html")
def routes(recording: Sequence[Request]) -> Iterator[Problem]:
    existing: set[tuple[str, str]] = set()
    for request in recording:
        if request.name not in ("ec2.CreateRoute", "ec2.DeleteRoute"):
            continue
        parameters = request.parameters
        destination = next((str(parameters[name]) for name in _DESTINATIONS if parameters.get(name)), "")
        route = (parameters["RouteTableId"], destination)
        if request.operation == "DeleteRoute":
            existing.discard(route)
            continue
        if len([name for name in _TARGETS if parameters.get(name)]) != 1:
            yield request, "a route has exactly one target"
        if not destination:
            yield request, "a route has a destination"
        if route in existing:
            yield request, f"the route to {destination} exists already"
        if request.status < 300:
            existing.add(route)


_DESTINATIONS = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")
