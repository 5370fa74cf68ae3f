"""VPC endpoints and flow logs that EC2 refuses."""

from collections.abc import Iterator, Sequence

from aws_requests.request import Request
from aws_requests.rules.checks import Parameters, Problem, each_request, whole_recording
from aws_requests.rules.grammar import document_problems
from aws_requests.rules.history import answered, before, subnet_zones
from aws_requests.rules.policies import find_role

_PRIVATELINK = "https://docs.aws.amazon.com/vpc/latest/privatelink"
_FLOW_LOGS = "https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html"
_ENDPOINT = "ec2.CreateVpcEndpoint"


@whole_recording(source=f"{_PRIVATELINK}/interface-endpoints.html#enable-private-dns-names")
def private_names_need_dns(recording: Sequence[Request]) -> Iterator[Problem]:
    for request in recording:
        if request.name != _ENDPOINT or not request.parameters.get("PrivateDnsEnabled"):
            continue
        history, vpc = before(recording, request), request.parameters["VpcId"]
        made = [(vpc.answer.get("Vpc") or {}).get("VpcId") for vpc in answered(history, "ec2.CreateVpc")]
        settings = {"EnableDnsSupport": True, "EnableDnsHostnames": False}  # those of a new VPC
        for change in answered(history, "ec2.ModifyVpcAttribute"):
            if change.parameters["VpcId"] == vpc:
                settings |= {name: change.parameters[name]["Value"] for name in settings if name in change.parameters}
        for name, on in settings.items():
            if vpc in made and not on:
                yield request, f"private DNS names need {name} of the VPC"


@whole_recording(source=f"{_PRIVATELINK}/aws-services-privatelink-support.html")
def services(recording: Sequence[Request]) -> Iterator[Problem]:
    for request in recording:
        if request.name != _ENDPOINT:
            continue
        parameters = request.parameters
        name, gateway = parameters["ServiceName"], parameters.get("VpcEndpointType", "Gateway") == "Gateway"
        region = parameters.get("ServiceRegion") or request.region
        if name.startswith("com.amazonaws.") and not name.startswith(
            (f"com.amazonaws.{region}.", "com.amazonaws.vpce.")
        ):
            yield request, f"the service {name} is not in {region}"
        if gateway and name.rpartition(".")[2] not in ("s3", "dynamodb"):
            yield request, f"{name} has no gateway endpoint, only S3 and DynamoDB have"
        if gateway and (parameters.get("SubnetIds") or parameters.get("SecurityGroupIds")):
            yield request, "a gateway endpoint has route tables, neither subnets nor security groups"
        if not gateway and parameters.get("RouteTableIds"):
            yield request, "an interface endpoint has subnets, no route tables"


@whole_recording(source=f"{_PRIVATELINK}/create-interface-endpoint.html")
def one_subnet_in_each_zone(recording: Sequence[Request]) -> Iterator[Problem]:
    for request in recording:
        if request.name != _ENDPOINT:
            continue
        subnets = request.parameters.get("SubnetIds") or []
        zones = subnet_zones(before(recording, request), subnets)
        if zones is not None and len(zones) < len(subnets):
            yield request, "an interface endpoint has one subnet in each zone"


@whole_recording(source=f"{_PRIVATELINK}/interface-endpoints.html#enable-private-dns-names")
def private_names_are_new(recording: Sequence[Request]) -> Iterator[Problem]:
    """EC2 answers "there is already a conflicting DNS domain" to a second endpoint of a service in a VPC."""
    existing: dict[str, tuple[str, str]] = {}
    for request in answered(recording, _ENDPOINT, "ec2.DeleteVpcEndpoints"):
        parameters = request.parameters
        if request.name != _ENDPOINT:
            for endpoint_id in parameters.get("VpcEndpointIds") or []:
                existing.pop(endpoint_id, None)
        elif parameters.get("PrivateDnsEnabled"):
            names = (parameters["VpcId"], parameters["ServiceName"])
            if names in existing.values():
                yield request, f"the VPC has an endpoint with the private names of {parameters['ServiceName']} already"
            existing[(request.answer.get("VpcEndpoint") or {}).get("VpcEndpointId", str(request.number))] = names


@each_request(_ENDPOINT, source=f"{_PRIVATELINK}/vpc-endpoints-access.html")
def policy_grammar(parameters: Parameters) -> Iterator[str]:
    if parameters.get("PolicyDocument"):
        yield from document_problems(parameters["PolicyDocument"], kind="resource")


@whole_recording(source=_FLOW_LOGS)
def flow_logs(recording: Sequence[Request]) -> Iterator[Problem]:
    for request in recording:
        if request.name == "ec2.CreateFlowLogs":
            role = find_role(before(recording, request), request.parameters.get("DeliverLogsPermissionArn") or "")
            if role and not role.trusts("vpc-flow-logs.amazonaws.com"):
                yield request, "the role of flow logs must trust vpc-flow-logs.amazonaws.com"
            yield from ((request, problem) for problem in _flow_log_problems(request.parameters))


def _flow_log_problems(parameters: Parameters) -> Iterator[str]:
    to_logs = parameters.get("LogDestinationType", "cloud-watch-logs") == "cloud-watch-logs"
    if to_logs and not parameters.get("DeliverLogsPermissionArn"):
        yield "flow logs to CloudWatch Logs need a role (DeliverLogsPermissionArn)"
    if not to_logs and parameters.get("DeliverLogsPermissionArn"):
        yield "flow logs to S3 or Firehose take no role"
    if parameters.get("MaxAggregationInterval", 600) not in (60, 600):
        yield f"MaxAggregationInterval is {parameters['MaxAggregationInterval']} s; EC2 knows 60 and 600"
