"""Compare an environment's needs with its account's quotas: with too small ones Terraform fails halfway through."""

from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import ClientError

from deploy.account import Account
from deploy.demand import CONSUMERS, Demand
from deploy.environment import Environment

# The default quota of an account that is no longer new.
USUAL_EXECUTIONS = 1000
# Elastic IPs and VPCs of a region, if the Service Quotas API gives no value.
# https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
DEFAULT = 5
EXECUTIONS = "lambda", "L-B99A9384"
ADDRESSES = "ec2", "L-0263D0A3"
VPCS = "vpc", "L-F678F1CE"
DENIED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation")


def problems(environment: Environment, demand: Demand, account: Account, note: Callable[[str], None]) -> Iterator[str]:
    """Yield a line for each quota that is too small: what to request, or what to change."""
    for check in (_executions(environment, demand, account), _network(environment, demand, account)):
        try:
            yield from check
        except ClientError as error:
            if error.response["Error"]["Code"] not in DENIED:
                raise
            note(f"  · note: quotas were not checked, because these credentials may not read them: {error}")


def _executions(environment: Environment, demand: Demand, account: Account) -> Iterator[str]:
    functions = account.aws.client("lambda")
    limit = functions.get_account_settings()["AccountLimit"]
    quota = limit["ConcurrentExecutions"]
    reserved = quota - limit["UnreservedConcurrentExecutions"]
    ours = sum(_reserved(functions, name) for name in demand.functions) if reserved else 0
    others = reserved - ours
    if quota >= others + demand.executions:
        return
    elsewhere = f", and other functions of the account have {others} reserved" if others else ""
    smallest = ", ".join(f"{queue} = 2" for queue in CONSUMERS)
    wanted = max(USUAL_EXECUTIONS, others + demand.executions)
    yield (
        f"the account may run {quota} Lambda functions at a time in {environment.region}; {environment.prefix} needs "
        f"{demand}{elsewhere}: {_request(EXECUTIONS, wanted, environment)}; or let it run within 10: "
        f"in {environment.values} remove functions.reserved_concurrency and set "
        f"functions.queue_concurrency = {{ {smallest} }}"
    )


def _reserved(functions: Any, name: str) -> int:
    """Return what a function of this environment has reserved so far."""
    try:
        found = functions.get_function_concurrency(FunctionName=name)
    except functions.exceptions.ResourceNotFoundException:
        return 0
    return int(found.get("ReservedConcurrentExecutions", 0))


def _network(environment: Environment, demand: Demand, account: Account) -> Iterator[str]:
    if not demand.vpcs:
        return
    ec2 = account.aws.client("ec2")
    for name, needed, found, quota in (
        ("VPCs", demand.vpcs, ec2.describe_vpcs()["Vpcs"], VPCS),
        ("elastic IPs", demand.addresses, ec2.describe_addresses()["Addresses"], ADDRESSES),
    ):
        others = sum(not _is_ours(each, environment) for each in found)
        allowed = _quota(account, *quota)
        if allowed < others + needed:
            yield (
                f"the account may have {allowed} {name} in {environment.region} and has {others} beside "
                f"{environment.prefix}, which needs {needed}: {_request(quota, others + needed, environment)}; or "
                f"remove one that is unused"
            )


def _is_ours(resource: dict[str, Any], environment: Environment) -> bool:
    """Tell by the tag that the provider gives to all it makes."""
    return {"Key": "Environment", "Value": environment.prefix} in resource.get("Tags", [])


def _quota(account: Account, service: str, code: str) -> int:
    """Return a quota of the account. A denied request is no reason for the default: the quota may have been raised."""
    try:
        found = account.aws.client("service-quotas").get_service_quota(ServiceCode=service, QuotaCode=code)
    except ClientError as error:
        if error.response["Error"]["Code"] in DENIED:
            raise
        return DEFAULT
    return int(found["Quota"]["Value"])


def _request(quota: tuple[str, str], value: int, environment: Environment) -> str:
    service, code = quota
    return (
        f"request {value} (aws service-quotas request-service-quota-increase --service-code {service} "
        f"--quota-code {code} --desired-value {value} --region {environment.region})"
    )
