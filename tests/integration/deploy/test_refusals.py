"""Missing prerequisites are all reported before any change, one line each, with the remedy."""

import json
from typing import Any

import pytest

from deploy.packages import FILE
from integration.deploy.checkout import ACCOUNT, BACKEND, Checkout
from packages.upload import key_of

OTHER = "999999999999"
UPLOAD = "make upload ENV=dev"


def test_in_an_empty_account_bootstrap_and_upload_come_first(empty: Checkout) -> None:
    done = empty.run("plan", "dev")
    assert (done.code, done.out) == (1, "")
    assert done.problems == [
        f"no packages were uploaded: run {UPLOAD}",
        f"the state bucket {empty.state_bucket} does not exist: make bootstrap ENV=dev",
    ]


def test_many_problems_are_reported_together(empty: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    empty.write("terraform/environments/dev.s3.tfbackend", BACKEND.format(prefix="vsl-prod"))
    empty.values("cache = null")
    problems = empty.run("apply", "dev").problems
    beginnings = [
        "terraform is missing: ",
        "terraform/environments/dev.tfvars says prefix",
        "dev brings its own Redis",
        "there are no AWS credentials: ",
        "no packages were uploaded: ",
    ]
    assert len(problems) == len(beginnings)
    assert all(line.startswith(beginning) for line, beginning in zip(problems, beginnings, strict=True))


def test_a_misspelt_variable_or_attribute_is_reported_before_terraform_drops_it(checkout: Checkout) -> None:
    checkout.write(
        "terraform/database.tf", 'variable "database" { type = object({ multi_az = optional(bool, false) }) }\n'
    )
    checkout.values("database = { multiaz = true }\nnetwrok = null")
    assert checkout.run("plan", "dev").problems == [
        "terraform/environments/dev.tfvars: database has no multiaz, only multi_az",
        "terraform/environments/dev.tfvars: there is no variable netwrok",
    ]


@pytest.mark.parametrize("command", ["bootstrap", "plan", "apply", "secrets", "migrate", "smoke", "destroy"])
def test_every_command_wants_a_known_environment(command: str, empty: Checkout) -> None:
    assert empty.run(command).problems == [f"ENV is missing: for example make {command} ENV=homolog (there are dev)"]
    assert "there is no environment prod: choose one of dev" in empty.run(command, "prod").err


@pytest.mark.parametrize("command", ["plan", "apply", "destroy"])
def test_another_regions_bucket_is_not_opened(command: str, checkout: Checkout) -> None:
    checkout.values("disposable = true", region="eu-west-1")
    [problem] = checkout.run(command, "dev").problems
    assert 'dev.tfvars says region "eu-west-1", but' in problem
    assert 'says "us-east-1"' in problem


def test_packages_of_another_account_are_reported_with_both_numbers(checkout: Checkout) -> None:
    checkout.uploaded(f"{checkout.prefix}-artifacts-{OTHER}")
    assert checkout.run("plan", "dev").problems == [
        f"the packages were uploaded to account {OTHER}, but these are credentials of account {ACCOUNT}: "
        f"use credentials of that account, or run {UPLOAD}"
    ]


def test_packages_of_another_environment_are_refused(checkout: Checkout) -> None:
    checkout.uploaded(f"vsl-prod-artifacts-{ACCOUNT}")
    [problem] = checkout.run("plan", "dev").problems
    there = f"vsl-prod-artifacts-{ACCOUNT}"
    assert problem == f"the packages noted in {FILE} are in {there} instead of {checkout.artifact_bucket}: run {UPLOAD}"


def test_a_bucket_of_ones_own_is_named_as_for_the_upload(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    checkout.s3.create_bucket(Bucket=f"{checkout.prefix}-central")
    noted = checkout.uploaded(f"{checkout.prefix}-central")
    for key in [*noted["packages"].values(), *noted["layers"].values()]:
        checkout.s3.put_object(Bucket=noted["artifact_bucket"], Key=key, Body=b"zip")
    monkeypatch.setenv("ARTIFACT_BUCKET", noted["artifact_bucket"])
    assert checkout.run("plan", "dev").code == 0


def test_a_missing_zip_is_named(checkout: Checkout) -> None:
    checkout.s3.delete_object(Bucket=checkout.artifact_bucket, Key="layers/shared-1.zip")
    assert checkout.run("plan", "dev").problems == [
        f"{checkout.artifact_bucket} lacks 1 of 3 packages, such as layers/shared-1.zip: run {UPLOAD}"
    ]


@pytest.mark.parametrize("platform", ["x86_64", "macos-arm64"])
def test_packages_for_another_processor_or_system_are_refused(checkout: Checkout, platform: str) -> None:
    checkout.uploaded(platform=platform)
    assert checkout.run("plan", "dev").problems == [
        f"the packages are for {platform}, but dev runs on arm64: run {UPLOAD} ARCH=arm64"
    ]


@pytest.mark.parametrize("text", ["", "[]", json.dumps({"packages": {}})])
def test_a_note_that_cannot_be_read_is_written_anew(text: str, checkout: Checkout) -> None:
    checkout.write(str(FILE), text)
    assert checkout.run("plan", "dev").problems == [f"{FILE} cannot be read: run {UPLOAD} to write it again"]


def test_the_local_environment_does_not_meet_a_real_account(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout.values(prefix="vsl-local")
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    assert "vsl-local is for an emulator only: make up starts one" in checkout.run("migrate", "dev").problems


def test_a_build_after_the_upload_is_only_a_warning(checkout: Checkout) -> None:
    checkout.write("build/functions/authorize.zip", "another zip")
    done = checkout.run("plan", "dev")
    assert done.code == 0, done.err
    assert (
        "note: the built packages differ from the uploaded ones (authorize): make upload ENV=dev brings them along"
        in done.out
    )


@pytest.mark.parametrize(("rule", "noted"), [("build: newer\n\t@touch $@\nnewer:\n", True), ("build:\n", False)])
def test_sources_newer_than_the_upload_are_a_note_only(rule: str, noted: bool, checkout: Checkout) -> None:
    checkout.write("Makefile", rule)
    zip_file = checkout.write("build/functions/authorize.zip", "zip")
    key = key_of("functions", zip_file)
    file = checkout.root / FILE
    file.write_text(file.read_text().replace("functions/authorize-1.zip", key))
    checkout.s3.put_object(Bucket=checkout.artifact_bucket, Key=key, Body=b"zip")
    done = checkout.run("plan", "dev")
    assert done.code == 0, done.err
    assert ("note: the sources have changed since they were uploaded" in done.out) == noted


def test_a_missing_function_is_reported_with_the_required_step(checkout: Checkout) -> None:
    told = [f"there is no function {checkout.prefix}-apply-migrations: run make apply first"]
    assert checkout.run("migrate", "dev").problems == told


def test_a_key_needs_a_user(checkout: Checkout) -> None:
    assert checkout.run("access", "dev").problems == ["USER is missing: for example make access ENV=dev USER=alice"]


def test_an_aws_error_is_one_line(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        return checkout.s3.get_object(Bucket=f"{checkout.prefix}-nobodys", Key="key")

    monkeypatch.setattr("deploy.access.deployer", refuse)
    done = checkout.run("migrate", "dev")
    assert (done.code, len(done.problems)) == (1, 1)
    assert "NoSuchBucket" in done.err
