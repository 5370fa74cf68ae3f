"""Create what the first plan needs: service-linked roles, buckets for state and zips, roles for GitHub's workflows."""

import json
from argparse import Namespace
from pathlib import Path

from botocore.exceptions import ClientError

from common.problems import SetupProblem
from deploy import linked_roles
from deploy.confirm import confirm, expect_answer
from deploy.github import repository
from deploy.preflight import Deployment, Needs, Place, ready
from deploy.terraform import Terraform

FOLDER = Path("terraform/bootstrap")
PROVIDER = "aws_iam_openid_connect_provider.github"
ISSUER = "token.actions.githubusercontent.com"


def bootstrap(given: Namespace, place: Place) -> None:
    """create buckets for state and zips, service-linked roles and, with GITHUB=owner/name, roles for its workflows"""
    deployment = ready(place, given.environment, "bootstrap", Needs.TERRAFORM)
    environment, note = deployment.environment, place.progress.note
    note(f"Bootstrap of {deployment}")
    state = place.root / FOLDER / f"{environment.prefix}.tfstate"
    _require_state(deployment, state)
    expect_answer(environment.prefix, place.environ)
    terraform = _open(deployment, state)
    arguments = _arguments(deployment, terraform)
    _create(deployment, terraform, arguments)
    for role, arn in terraform.outputs().get("role_arns", {}).items():
        note(f"Role of GitHub's workflows to {role}: {arn}")
    for form in terraform.outputs().get("trusted_subjects", []):
        note(f"They trust {form}:... (if GitHub's tokens have the other form, give GITHUB_SUBJECT=ids or names)")
    note(
        f"Keep {state.relative_to(place.root)}: it is the bootstrap's own state, without secrets, and is not committed."
    )
    note(f"Next: make upload ENV={environment.name}")


def _create(deployment: Deployment, terraform: Terraform, arguments: list[str]) -> None:
    """Show what is missing and create it once confirmed: service-linked roles first, then Terraform's resources."""
    place, environment, account = deployment.place, deployment.environment, deployment.account
    saved = place.root / "build" / f"bootstrap-{environment.name}.tfplan"
    changed = terraform.plan(saved, *arguments)
    services = linked_roles.missing(account)
    if services:
        told = ", ".join(services)
        place.progress.note(f"Service-linked roles to create, once for all environments of the account: {told}")
    if not changed and not services:
        return
    question = f"Do this in account {account.number}? Type yes to confirm: "
    confirm(question, "yes", prefix=environment.prefix, environ=place.environ)
    linked_roles.create(account, services)
    try:
        if changed:
            terraform.apply(saved)
    finally:
        saved.unlink(missing_ok=True)


def _require_state(deployment: Deployment, state: Path) -> None:
    """Raise SetupProblem if the buckets exist but their Terraform state is in another copy of the repository."""
    bucket = deployment.environment.state_bucket(deployment.account.number)
    if not state.exists() and _exists(deployment, bucket):
        raise SetupProblem(
            f"{bucket} is there, but {state.relative_to(deployment.place.root)} is not: it was bootstrapped from "
            f"another machine. Continue with make upload ENV={deployment.environment.name}, or bring that file here"
        )


def _exists(deployment: Deployment, bucket: str) -> bool:
    try:
        deployment.account.aws.client("s3").head_bucket(Bucket=bucket)
    except ClientError:
        return False
    return True


def _open(deployment: Deployment, state: Path) -> Terraform:
    place = deployment.place
    data_dir = place.root / "build" / f"terraform-bootstrap-{deployment.environment.name}"
    terraform = Terraform(place.root / FOLDER, data_dir, place.environ)
    with place.progress.step("Terraform init") as step:
        step.detail = terraform.init(f"path={state.name}")
    return terraform


def _arguments(deployment: Deployment, terraform: Terraform) -> list[str]:
    environment, environ = deployment.environment, deployment.place.environ
    values = {"prefix": environment.prefix, "region": environment.region} | environment.bootstrap
    arguments = [f"-var={name}={value}" for name, value in values.items()]
    arguments.append(f"-var=plan_parameters={json.dumps(environment.parameters_without_password)}")
    name = environ.get("GITHUB", "")
    if not name:
        if terraform.outputs().get("role_arns"):
            raise SetupProblem(
                f"{environment.prefix} has roles for GitHub, which this would remove: give GITHUB=owner/name again"
            )
        return arguments
    ours = any(address.startswith(PROVIDER) for address in terraform.resources())
    found = json.dumps(repository(name, environ))
    create = ours or not _has_provider(deployment)
    return [*arguments, f"-var=github_repository={found}", f"-var=create_oidc_provider={json.dumps(create)}"]


def _has_provider(deployment: Deployment) -> bool:
    """Look for GitHub's OIDC provider: an account can have one only, made by its first environment."""
    listed = deployment.account.aws.client("iam").list_open_id_connect_providers()["OpenIDConnectProviderList"]
    return any(each["Arn"].endswith(f"/{ISSUER}") for each in listed)
