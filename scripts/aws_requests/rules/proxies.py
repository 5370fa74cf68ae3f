"""Proxies that RDS refuses."""

from collections.abc import Iterator, Sequence

from aws_requests.request import Request
from aws_requests.rules.checks import Parameters, Problem, each_request, whole_recording
from aws_requests.rules.history import before, subnet_zones
from aws_requests.rules.policies import find_role

_GUIDE = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide"
_API = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference"
_PROXY = ("rds.CreateDBProxy", "rds.ModifyDBProxy")


@each_request("rds.CreateDBProxy", source=f"{_API}/API_CreateDBProxy.html")
def login(parameters: Parameters) -> Iterator[str]:
    """RDS answers "Must enable TLS, when IAM Auth is required" (cds-snc/notification-terraform#283)."""
    logins = parameters.get("Auth") or []
    if not logins and parameters.get("DefaultAuthScheme") != "IAM_AUTH":
        yield "a proxy needs a login with a secret, or DefaultAuthScheme IAM_AUTH"
    if any(login.get("IAMAuth") == "REQUIRED" for login in logins) and not parameters.get("RequireTLS"):
        yield "IAMAuth REQUIRED needs RequireTLS"
    if any(not login.get("SecretArn", "").startswith("arn:") for login in logins):
        yield "a login needs the ARN of a secret"


@whole_recording(source=f"{_GUIDE}/rds-proxy-iam-setup.html")
def role_reads_the_secret(recording: Sequence[Request]) -> Iterator[Problem]:
    """RDS creates the proxy without this permission, and every login fails."""
    for request in recording:
        if request.name not in _PROXY or not request.parameters.get("RoleArn"):
            continue
        role = find_role(before(recording, request), request.parameters["RoleArn"])
        if role and not role.trusts("rds.amazonaws.com"):
            yield request, "the proxy's role must trust rds.amazonaws.com"
        for login in request.parameters.get("Auth") or []:
            if role and not role.allows("secretsmanager:GetSecretValue", login.get("SecretArn", "")):
                yield request, "the proxy's role must allow secretsmanager:GetSecretValue on its secret"


@whole_recording(source=f"{_GUIDE}/rds-proxy-network-prereqs.html")
def subnets_are_in_two_zones(recording: Sequence[Request]) -> Iterator[Problem]:
    for request in recording:
        if request.name == "rds.CreateDBProxy":
            subnets = request.parameters.get("VpcSubnetIds") or []
            zones = subnet_zones(before(recording, request), subnets)
            if len(subnets) < 2 or (zones is not None and len(zones) < 2):
                yield request, "a proxy needs subnets in two zones at least"


@each_request(*_PROXY, "rds.ModifyDBProxyTargetGroup", source=f"{_API}/API_ConnectionPoolConfiguration.html")
def pool(parameters: Parameters) -> Iterator[str]:
    idle = parameters.get("IdleClientTimeout")
    if idle is not None and not 1 <= idle <= 28_800:
        yield f"IdleClientTimeout is {idle} s; RDS allows 1 to 28800"
    settings = parameters.get("ConnectionPoolConfig") or {}
    if not 0 <= settings.get("ConnectionBorrowTimeout", 120) <= 300:
        yield f"ConnectionBorrowTimeout is {settings['ConnectionBorrowTimeout']} s; RDS allows 0 to 300"
    most = settings.get("MaxConnectionsPercent", 100)
    if not 1 <= most <= 100:
        yield f"MaxConnectionsPercent is {most}; RDS allows 1 to 100"
    if not 0 <= settings.get("MaxIdleConnectionsPercent", 0) <= most:
        yield "MaxIdleConnectionsPercent must not exceed MaxConnectionsPercent"
    if set(settings.get("SessionPinningFilters") or []) - {"EXCLUDE_VARIABLE_SETS"}:
        yield "RDS knows the session pinning filter EXCLUDE_VARIABLE_SETS only"
