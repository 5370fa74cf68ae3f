"""Preconditions of a command: report everything that is missing together, one line each."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Flag, auto
from http import HTTPStatus
from pathlib import Path

from botocore.exceptions import ClientError
from lark.exceptions import LarkError

from common.problems import SetupProblem
from common.progress import Progress
from common.terraform import check_terraform
from deploy import connections, packages, quotas
from deploy.account import Account, sign_in
from deploy.demand import demand_of
from deploy.environment import LOCAL_PREFIX, Environment, load
from deploy.terraform import Terraform
from terraform_source import NotLiteral


class Needs(Flag):
    """Preconditions of a command besides an environment and an account."""

    NOTHING = 0
    TERRAFORM = auto()
    STATE = auto()
    VALUES = auto()  # what Terraform is told beside the .tfvars: packages, URLs
    ZIPS = auto()
    QUOTAS = auto()  # of the account, large enough for the environment


@dataclass(frozen=True)
class Place:
    """Context of a command: the checkout, the environment variables, the terminal."""

    root: Path
    environ: Mapping[str, str]
    progress: Progress


@dataclass(frozen=True)
class Deployment:
    """An environment in its account, with all preconditions checked."""

    place: Place
    environment: Environment
    account: Account

    def __str__(self) -> str:
        endpoint = self.place.environ.get("AWS_ENDPOINT_URL")
        where = f"{self.environment.region}, account {self.account.number}"
        return f"{self.environment.prefix} ({where}{f', at {endpoint}' if endpoint else ''})"

    def terraform(self) -> Terraform:
        """Open the environment's state."""
        data_dir = self.place.root / "build" / f"terraform-{self.environment.name}"
        terraform = Terraform(self.place.root / "terraform", data_dir, connections.without_empty(self.place.environ))
        bucket = self.environment.state_bucket(self.account.number)
        with self.place.progress.step("Terraform init") as step:
            backend = self.environment.backend.relative_to("terraform")
            step.detail = terraform.init(str(backend), f"bucket={bucket}")
        return terraform


@dataclass
class Findings:
    """The problems found so far."""

    problems: list[str] = field(default_factory=list)

    def of[T](self, act: Callable[[], T]) -> T | None:
        """Run a check; if it fails, keep its problem and return None."""
        try:
            return act()
        except SetupProblem as problem:
            self.problems += str(problem).splitlines()
            return None

    def add(self, problems: Iterable[str]) -> None:
        """Keep problems."""
        self.problems += problems

    def end_if_any(self) -> None:
        """Raise SetupProblem with all of them."""
        if self.problems:
            raise SetupProblem("\n".join(self.problems))


def ready(place: Place, name: str, command: str, needs: Needs) -> Deployment:
    """Check what a command needs. Raises SetupProblem with a line for each thing that is missing."""
    environment = load(place.root, name, command)
    findings = Findings()
    if needs & Needs.TERRAFORM:
        findings.of(check_terraform)
    findings.add(environment.disagreements())
    if needs & Needs.VALUES:
        findings.add(connections.unfit(environment, place.environ))
        findings.add(environment.misspelt(place.root))
    account = findings.of(lambda: _account(environment, place))
    if needs & Needs.VALUES:
        noted = findings.of(lambda: packages.load(place.root, environment))
        if noted and account:
            findings.add(_package_problems(noted, environment, account, place, look=bool(needs & Needs.ZIPS)))
        if noted and needs & Needs.ZIPS and (told := packages.outdated(place.root, noted)):
            place.progress.note(f"  · note: {told}: make upload ENV={name} brings them along")
    if account and needs & Needs.QUOTAS:
        findings.add(_quota_problems(environment, account, place))
    if account and needs & Needs.STATE:
        findings.add(_state_problems(environment, account))
    findings.end_if_any()
    assert account
    return Deployment(place, environment, account)


def _account(environment: Environment, place: Place) -> Account:
    if environment.prefix == LOCAL_PREFIX and not place.environ.get("AWS_ENDPOINT_URL"):
        raise SetupProblem(f"{LOCAL_PREFIX} is for an emulator only: make up starts one")
    return sign_in(environment.region or "us-east-1")


def _package_problems(
    noted: packages.Packages, environment: Environment, account: Account, place: Place, *, look: bool
) -> list[str]:
    problems = list(packages.misplaced(noted, environment, account.number, place.environ))
    return problems or (list(packages.missing(noted, environment, account)) if look else [])


def _quota_problems(environment: Environment, account: Account, place: Place) -> list[str]:
    with suppress(LarkError, NotLiteral):  # Terraform itself says what is wrong with these files
        demand = demand_of(place.root, environment)
        return list(quotas.problems(environment, demand, account, place.progress.note))
    return []


def _state_problems(environment: Environment, account: Account) -> list[str]:
    bucket = environment.state_bucket(account.number)
    try:
        account.aws.client("s3").head_bucket(Bucket=bucket)
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        if status == HTTPStatus.NOT_FOUND:
            return [f"the state bucket {bucket} does not exist: make bootstrap ENV={environment.name}"]
        return [f"the state bucket {bucket} cannot be opened with these credentials (HTTP {status})"]
    return []
