"""An environment that exceeds its account's quotas is refused in one line before Terraform starts."""

import io
import uuid
import zipfile
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from common.paths import ROOT
from deploy import quotas as preflight
from deploy.account import sign_in
from deploy.demand import demand_of
from deploy.environment import load
from integration.deploy.account_double import AccountDouble
from integration.deploy.checkout import REGION, Checkout
from terraform_source import literal, parse

NEEDED = {"dev": 10, "staging": 10, "homolog": 265, "prod": 500}
# The two variables of the real root that determine the size of an environment.
VARIABLES = (ROOT / "terraform" / "variables.tf").read_text()
REQUEST = "aws service-quotas request-service-quota-increase --service-code"


def declared(name: str) -> str:
    """Return the declaration of a variable in the real root."""
    begins = VARIABLES.index(f'variable "{name}" {{')
    return VARIABLES[begins : VARIABLES.index("\n}\n", begins) + 3].split("\n  validation {")[0] + "\n}\n"


def problems(name: str, notes: list[str] | None = None) -> list[str]:
    """Compare one of the repository's environments with the account's quotas."""
    environment = load(ROOT, name)
    note = (notes if notes is not None else []).append
    return list(preflight.problems(environment, demand_of(ROOT, environment), sign_in(REGION), note))


def zipped() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("handler.py", "")
    return packed.getvalue()


@pytest.fixture
def function(client: Any) -> Any:
    """Create functions in the account, and delete them afterwards."""
    name = f"role-{uuid.uuid4().hex[:8]}"
    role = client("iam").create_role(RoleName=name, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    created: list[str] = []

    def create(function: str) -> str:
        code = {"ZipFile": zipped()}
        client("lambda").create_function(
            FunctionName=function, Runtime="python3.13", Role=role, Handler="handler.f", Code=code
        )
        created.append(function)
        return function

    yield create
    for each in created:
        client("lambda").delete_function(FunctionName=each)


@pytest.fixture
def sized(checkout: Checkout) -> Checkout:
    """A copy whose root has the variables `functions` and `network`."""
    checkout.write("terraform/sizes.tf", declared("functions") + declared("network"))
    return checkout


@pytest.mark.parametrize("name", NEEDED)
def test_each_environment_states_what_it_needs(name: str) -> None:
    assert demand_of(ROOT, load(ROOT, name)).executions == NEEDED[name]


@pytest.mark.parametrize("name", ["dev", "staging"])
def test_dev_and_staging_run_in_a_new_account(name: str, quotas: AccountDouble) -> None:
    quotas.executions = 10
    assert problems(name) == []


@pytest.mark.parametrize("command", ["plan", "apply"])
def test_a_new_account_is_told_what_to_request_before_anything_is_planned(
    command: str, sized: Checkout, quotas: AccountDouble
) -> None:
    quotas.executions = 10
    sized.values(f"functions = {{\n{homolog_functions()}\n}}")
    done = sized.run(command, "dev")
    assert (done.code, done.problems) == (
        1,
        [
            "the account may run 10 Lambda functions at a time in us-east-1; "
            f"{sized.prefix} needs 265 (165 reserved, 100 that must stay unreserved): "
            f"request 1000 ({REQUEST} lambda --quota-code L-B99A9384 --desired-value 1000 --region us-east-1); "
            "or let it run within 10: in terraform/environments/dev.tfvars remove functions.reserved_concurrency "
            "and set functions.queue_concurrency = { submissions = 2, webhooks = 2, callbacks = 2 }"
        ],
    )
    assert not sized.plan.exists()


def homolog_functions() -> str:
    text = (ROOT / "terraform/environments/homolog.tfvars").read_text()
    return text.partition("functions = {\n")[2].partition("\n}\n")[0]


def test_the_roots_defaults_are_too_much_for_a_new_account(sized: Checkout, quotas: AccountDouble) -> None:
    quotas.executions = 10
    assert "needs 39 (35 for its queues, 4 for the API): request 1000" in sized.run("plan", "dev").err


@pytest.mark.parametrize("name", ["homolog", "prod"])
@pytest.mark.parametrize("missing", [0, 1])
def test_the_preflight_refuses_exactly_the_reservations_that_lambda_refuses(
    name: str, missing: int, quotas: AccountDouble, function: Any, client: Any
) -> None:
    quotas.executions = NEEDED[name] - missing
    assert len(problems(name)) == missing
    text = (ROOT / f"terraform/environments/{name}.tfvars").read_text()
    functions: dict[str, Any] = literal(parse(text, name).arguments["functions"].tree)
    refused = []
    for folder, executions in functions["reserved_concurrency"].items():
        full = function(f"vsl-{name}-{folder.replace('_', '-')}")
        try:
            client("lambda").put_function_concurrency(FunctionName=full, ReservedConcurrentExecutions=executions)
        except ClientError as error:
            refused.append(error.response["Error"])
    told = "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution"
    assert [each["Code"] for each in refused] == ["InvalidParameterValueException"] * missing
    assert all(each["Message"] == f"{told} below its minimum value of [100]." for each in refused)
    # A second apply must not count its own reservation twice.
    assert len(problems(name)) == missing


def test_in_a_new_account_lambda_reserves_nothing(quotas: AccountDouble, function: Any, client: Any) -> None:
    quotas.executions = 10
    name = function(f"vsl-x-{uuid.uuid4().hex[:8]}")
    with pytest.raises(ClientError, match=r"below its minimum value of \[10\]"):
        client("lambda").put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)


def test_executions_that_other_functions_have_reserved_are_counted(quotas: AccountDouble) -> None:
    quotas.executions, quotas.elsewhere = 1000, 736
    [line] = problems("homolog")
    assert "other functions of the account have 736 reserved: request 1001" in line
    quotas.elsewhere = 735
    assert problems("homolog") == []


@pytest.fixture
def five_addresses(client: Any) -> Any:
    """Allocate all elastic IPs that a new account may have."""
    ec2 = client("ec2")
    allocated = [ec2.allocate_address(Domain="vpc")["AllocationId"] for _ in range(5)]
    yield allocated
    for each in allocated:
        ec2.release_address(AllocationId=each)


def test_exhausted_elastic_ips_are_reported(five_addresses: list[str], client: Any) -> None:
    with pytest.raises(ClientError, match="AddressLimitExceeded"):
        client("ec2").allocate_address(Domain="vpc")
    [line] = problems("dev")
    assert line == (
        "the account may have 5 elastic IPs in us-east-1 and has 5 beside vsl-dev, which needs 1: "
        f"request 6 ({REQUEST} ec2 --quota-code L-0263D0A3 --desired-value 6 --region us-east-1); "
        "or remove one that is unused"
    )


def test_an_environments_own_addresses_are_no_others(
    five_addresses: list[str], quotas: AccountDouble, client: Any
) -> None:
    client("ec2").create_tags(Resources=five_addresses[:1], Tags=[{"Key": "Environment", "Value": "vsl-dev"}])
    assert problems("dev") == []
    quotas.addresses = 8
    assert len(problems("prod")) == 0
    quotas.addresses = 7
    assert "needs 3: request 8" in problems("prod")[0]


def test_exhausted_vpcs_are_reported(quotas: AccountDouble, client: Any) -> None:
    quotas.vpcs = len(client("ec2").describe_vpcs()["Vpcs"])
    with pytest.raises(ClientError, match="VpcLimitExceeded"):
        client("ec2").create_vpc(CidrBlock="10.0.0.0/16")
    assert "VPCs in us-east-1" in problems("dev")[0]


def test_a_raised_quota_that_these_credentials_may_not_read_refuses_nothing(
    five_addresses: list[str], quotas: AccountDouble
) -> None:
    quotas.addresses = 20
    quotas.denied.add("servicequotas:GetServiceQuota")
    noted: list[str] = []
    assert problems("dev", noted) == []
    assert len(noted) == 1 and "quotas were not checked" in noted[0]


def test_credentials_that_may_not_read_a_quota_get_a_note_and_go_on(quotas: AccountDouble, checkout: Checkout) -> None:
    quotas.denied.add("lambda:GetAccountSettings")
    done = checkout.run("plan", "dev")
    assert done.code == 0, done.err
    assert "note: quotas were not checked, because these credentials may not read them: " in done.out
    assert "lambda:GetAccountSettings" in done.out


def test_an_environment_can_be_destroyed_whatever_the_quotas_are(
    sized: Checkout, quotas: AccountDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    quotas.executions = 10
    monkeypatch.setenv("CONFIRM", sized.prefix)
    sized.values("disposable = true")
    assert "Nothing is deployed in" in sized.run("destroy", "dev").out


def test_files_that_terraform_cannot_read_are_left_to_terraform(sized: Checkout, tmp_path: Path) -> None:
    sized.values("functions = {")
    assert "the account may run" not in sized.run("plan", "dev").err
