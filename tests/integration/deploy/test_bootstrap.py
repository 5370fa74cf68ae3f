"""The bootstrap finds GitHub's ids, the account's OIDC provider, and its own earlier state."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from contract.scripted_server import Script, scripted
from deploy import linked_roles
from deploy.account import sign_in
from integration.deploy.account_double import LINKED_ROLES, AccountDouble
from integration.deploy.checkout import ACCOUNT, REGION, Checkout

REPOSITORY = {"id": 22, "name": "media", "owner": {"id": 11, "login": "acme"}, "created_at": "2026-07-15T00:00:00Z"}
WANTED = {"owner": "acme", "owner_id": 11, "name": "media", "id": 22, "immutable_subject": True}
ISSUER = "https://token.actions.githubusercontent.com"


@pytest.fixture(autouse=True)
def yes(empty: Checkout, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONFIRM", empty.prefix)
    for name in ("GITHUB_OWNER_ID", "GITHUB_REPOSITORY_ID", "GITHUB_SUBJECT", "GITHUB_TOKEN", "GH_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    iam = client("iam")
    for provider in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]:
        iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=provider["Arn"])


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Any:
    with scripted({"GET /v1/repos/acme/media": (200, REPOSITORY)}) as github:
        monkeypatch.setenv("GITHUB_API_URL", github.url)
        yield github


def outputs(checkout: Checkout) -> Any:
    """Return the outputs of the small bootstrap, which repeat its inputs."""
    return json.loads((checkout.root / f"terraform/bootstrap/{checkout.prefix}.tfstate").read_text())["outputs"]


def given(checkout: Checkout) -> Any:
    """Return the bootstrap's inputs about GitHub."""
    roles = outputs(checkout)["role_arns"]["value"]
    return json.loads(roles["plan"]) if roles else None


def test_without_github_there_are_buckets_only(empty: Checkout) -> None:
    done = empty.run("bootstrap", "dev")
    assert done.code == 0, done.err
    assert given(empty) is None
    assert f"Keep terraform/bootstrap/{empty.prefix}.tfstate" in done.out
    assert done.out.endswith("Next: make upload ENV=dev\n")
    assert "No changes" in empty.run("bootstrap", "dev").out


def test_the_roles_cover_the_second_region(empty: Checkout) -> None:
    empty.values('media_bucket = { replica_region = "us-west-2" }')
    assert empty.run("bootstrap", "dev").code == 0
    assert outputs(empty)["replica_region"]["value"] == "us-west-2"


def test_the_ids_are_asked_from_github(empty: Checkout, github: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB", "acme/media")
    done = empty.run("bootstrap", "dev")
    assert done.code == 0, done.err
    assert given(empty) == [WANTED, True]
    assert "Role of GitHub's workflows to plan: " in done.out
    assert "authorization" not in github.asked[0].headers


def test_a_token_is_shown_to_github_if_there_is_one(
    empty: Checkout, github: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB", "acme/media")
    monkeypatch.setenv("GH_TOKEN", "ghp_1")
    assert empty.run("bootstrap", "dev").code == 0
    assert github.asked[0].headers["authorization"] == "Bearer ghp_1"


def test_ids_that_are_given_are_not_asked_for(empty: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "": "acme/media",
        "_OWNER_ID": "11",
        "_REPOSITORY_ID": "22",
        "_API_URL": "http://127.0.0.1:9",
    }.items():
        monkeypatch.setenv(f"GITHUB{name}", value)
    assert empty.run("bootstrap", "dev").code == 0
    assert given(empty) == [WANTED, True]


def test_a_repository_from_before_the_ids_is_trusted_by_its_names(
    empty: Checkout, github: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    github.answers["GET /v1/repos/acme/media"] = (200, REPOSITORY | {"created_at": "2026-07-14T23:59:59Z"})
    monkeypatch.setenv("GITHUB", "acme/media")
    assert empty.run("bootstrap", "dev").code == 0
    assert given(empty) == [WANTED | {"immutable_subject": False}, True]


def test_the_form_of_the_subject_can_be_given(empty: Checkout, github: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB", "acme/media")
    monkeypatch.setenv("GITHUB_SUBJECT", "names")
    assert empty.run("bootstrap", "dev").code == 0
    assert given(empty) == [WANTED | {"immutable_subject": False}, True]
    monkeypatch.setenv("GITHUB_SUBJECT", "both")
    assert empty.run("bootstrap", "dev").problems == ["GITHUB_SUBJECT=both is invalid: use ids or names"]


def test_plan_may_read_the_urls_of_own_stores_only(empty: Checkout) -> None:
    assert empty.run("bootstrap", "dev").code == 0
    assert outputs(empty)["plan_parameters"]["value"] == ["database-url", "owner-database-url", "redis-url"]
    empty.values("database = null")
    assert empty.run("bootstrap", "dev").code == 0
    assert outputs(empty)["plan_parameters"]["value"] == ["redis-url"]


def test_the_accounts_oidc_provider_is_shared(
    empty: Checkout, github: Script, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client("iam").create_open_id_connect_provider(Url=ISSUER, ClientIDList=["sts.amazonaws.com"])
    monkeypatch.setenv("GITHUB", "acme/media")
    assert empty.run("bootstrap", "dev").code == 0
    assert given(empty) == [WANTED, False]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("media", "GITHUB=media is not a repository: give GITHUB=owner/name"),
        ("acme/*", "GITHUB=acme/* is not a repository: give GITHUB=owner/name"),
        (
            "acme/hidden",
            "GitHub does not show acme/hidden (HTTP 404; it may be private): give GITHUB_OWNER_ID and "
            "GITHUB_REPOSITORY_ID (gh api repos/acme/hidden --jq '.owner.id, .id')",
        ),
    ],
)
def test_a_repository_that_cannot_be_described_is_one_line(
    name: str, told: str, empty: Checkout, github: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB", name)
    assert empty.run("bootstrap", "dev").problems == [told]


def test_an_existing_bootstrap_is_not_repeated(empty: Checkout) -> None:
    empty.bootstrapped()
    [problem] = empty.run("bootstrap", "dev").problems
    state = f"terraform/bootstrap/{empty.prefix}.tfstate"
    assert problem == (
        f"{empty.state_bucket} is there, but {state} is not: it was bootstrapped from another machine. "
        "Continue with make upload ENV=dev, or bring that file here"
    )


def test_roles_do_not_go_because_a_variable_was_forgotten(
    empty: Checkout, github: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB", "acme/media")
    empty.run("bootstrap", "dev")
    monkeypatch.delenv("GITHUB")
    assert empty.run("bootstrap", "dev").problems == [
        f"{empty.prefix} has roles for GitHub, which this would remove: give GITHUB=owner/name again"
    ]


def test_nothing_is_created_without_a_confirmation(empty: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CONFIRM")
    done = empty.run("bootstrap", "dev")
    assert done.problems == [f"no terminal to ask for confirmation, nothing was changed: set CONFIRM={empty.prefix}"]
    assert ACCOUNT in done.out


def test_a_root_that_terraform_cannot_read_is_reported_in_terraforms_words(empty: Checkout) -> None:
    empty.write("terraform/bootstrap/main.tf", 'variable "prefix" {}\nvariable "prefix" {}\n')
    [problem] = empty.run("bootstrap", "dev").problems
    assert problem.startswith("terraform init failed: ")
    assert "Duplicate variable declaration" in problem


LINKED = [
    "rds.amazonaws.com",
    "elasticache.amazonaws.com",
    "ops.apigateway.amazonaws.com",
    "dynamodb.application-autoscaling.amazonaws.com",
]


def test_service_linked_roles_are_created_before_anything_needs_them(empty: Checkout, quotas: AccountDouble) -> None:
    done = empty.run("bootstrap", "dev")
    assert done.code == 0, done.err
    assert quotas.linked_roles == list(LINKED_ROLES.values())
    assert f"Service-linked roles to create, once for all environments of the account: {', '.join(LINKED)}" in done.out


def test_existing_service_linked_roles_are_no_error(empty: Checkout, quotas: AccountDouble) -> None:
    quotas.linked_roles += list(LINKED_ROLES.values())[:2]
    done = empty.run("bootstrap", "dev")
    assert done.code == 0, done.err
    assert quotas.linked_roles == list(LINKED_ROLES.values())
    assert f"of the account: {', '.join(LINKED[2:])}\n" in done.out
    assert "Service-linked" not in empty.run("bootstrap", "dev").out


def test_a_service_linked_role_that_was_created_meanwhile_is_no_error(
    quotas: AccountDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    quotas.linked_roles += LINKED_ROLES.values()
    account = sign_in(REGION)
    with pytest.raises(ClientError, match=r"InvalidInput.*AWSServiceRoleForRDS has been taken in this account"):
        account.aws.client("iam").create_service_linked_role(AWSServiceName="rds.amazonaws.com")
    linked_roles.create(account, LINKED)


def test_any_other_refusal_of_a_service_linked_role_is_one_line(empty: Checkout, quotas: AccountDouble) -> None:
    quotas.denied.add("iam:CreateServiceLinkedRole")
    assert empty.run("bootstrap", "dev").problems == [
        "the service-linked role of rds.amazonaws.com could not be created (AccessDenied: not authorized: "
        "iam:CreateServiceLinkedRole): run bootstrap as an administrator, or with iam:CreateServiceLinkedRole"
    ]


def test_no_service_linked_role_is_created_without_a_yes(
    empty: Checkout, quotas: AccountDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty.run("bootstrap", "dev")
    quotas.linked_roles.clear()
    monkeypatch.delenv("CONFIRM")
    assert empty.run("bootstrap", "dev").code == 1
    assert quotas.linked_roles == []
