"""plan, apply and destroy on a small root, with real Terraform and a state in S3."""

import os
import pty
import subprocess
import sys

import pytest

from common.paths import ROOT
from integration.deploy.checkout import Checkout


@pytest.fixture
def yes(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONFIRM", checkout.prefix)


def test_a_plan_is_shown_and_saved_and_says_what_comes_next(checkout: Checkout) -> None:
    done = checkout.run("plan", "dev")
    assert (done.code, done.err) == (0, "")
    assert f"Plan of {checkout.prefix} (us-east-1, account 123456789012, at http://" in done.out
    assert "Plan: 2 to add, 0 to change, 0 to destroy." in done.out
    assert done.out.endswith("\nSaved in build/dev.tfplan. Next: make apply ENV=dev, which does exactly this.\n")
    assert checkout.plan.exists()


def test_the_saved_plan_is_applied_and_only_once(checkout: Checkout, yes: None) -> None:
    checkout.run("plan", "dev")
    done = checkout.run("apply", "dev")
    assert done.code == 0, done.err
    assert "dev.tfplan: 2 to create, 0 to update, 0 to delete, planned 0 minutes ago." in done.out
    assert "Plan: " not in done.out  # no second plan
    assert f"{checkout.prefix} is applied. API: http://127.0.0.1:9\nNext: make migrate ENV=dev" in done.out
    assert not checkout.plan.exists()
    listed = checkout.s3.list_objects_v2(Bucket=checkout.state_bucket)["Contents"]
    assert [each["Key"] for each in listed] == [f"{checkout.prefix}/terraform.tfstate"]

    again = checkout.run("plan", "dev")
    assert again.out.endswith(f"\n{checkout.prefix} is up to date: there is nothing to apply.\n")
    assert not checkout.plan.exists()
    assert "Next: make migrate" in checkout.run("apply", "dev").out


def test_without_a_saved_plan_apply_plans_first(checkout: Checkout, yes: None) -> None:
    done = checkout.run("apply", "dev")
    assert done.code == 0, done.err
    assert done.out.index("Plan: 2 to add") < done.out.index("Apply complete!")


def test_nothing_is_applied_without_a_yes(checkout: Checkout) -> None:
    checkout.run("plan", "dev")
    done = checkout.run("apply", "dev")
    assert (done.code, done.problems) == (
        1,
        [f"no terminal to ask for confirmation, nothing was changed: set CONFIRM={checkout.prefix}"],
    )
    assert checkout.plan.exists()


def test_a_plan_from_before_another_upload_is_not_applied(checkout: Checkout, yes: None) -> None:
    checkout.run("plan", "dev")
    checkout.s3.put_object(Bucket=checkout.artifact_bucket, Key="functions/authorize-2.zip", Body=b"zip")
    file = checkout.root / "terraform/packages.auto.tfvars.json"
    file.write_text(file.read_text().replace("authorize-1", "authorize-2"))
    [problem] = checkout.run("apply", "dev").problems
    assert problem.endswith("have changed since build/dev.tfplan was made: make plan ENV=dev")


def test_a_plan_that_others_overtook_is_not_applied_and_not_kept(checkout: Checkout, yes: None) -> None:
    checkout.run("plan", "dev")
    kept = [path.read_bytes() for path in (checkout.plan, checkout.plan.with_suffix(".tfplan.json"))]
    checkout.run("apply", "dev")
    checkout.plan.write_bytes(kept[0])
    checkout.plan.with_suffix(".tfplan.json").write_bytes(kept[1])
    done = checkout.run("apply", "dev")
    assert done.code == 1
    assert "Saved plan is stale" in done.err
    assert (
        done.problems[-1]
        == "terraform apply failed: see Terraform's output above; fix the cause, then run make plan again"
    )
    assert not checkout.plan.exists()


def test_a_url_of_ones_own_is_wanted_again_by_the_apply(
    checkout: Checkout, yes: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout.values("disposable = true", "cache = null")
    [missing] = checkout.run("plan", "dev").problems
    assert missing.startswith(
        "dev brings its own Redis (cache = null), so each plan, apply and destroy needs its address"
    )
    monkeypatch.setenv("TF_VAR_redis_url", "rediss://:hunter2@host/0")
    checkout.run("plan", "dev")
    assert b"hunter2" not in checkout.plan.read_bytes()
    monkeypatch.delenv("TF_VAR_redis_url")
    assert len(checkout.run("apply", "dev").problems) == 1
    monkeypatch.setenv("TF_VAR_redis_url", "rediss://:hunter2@host/0")
    assert checkout.run("apply", "dev").code == 0


def test_a_failing_plan_is_reported_in_terraforms_words(checkout: Checkout) -> None:
    checkout.values('api_url = "refused"')
    done = checkout.run("plan", "dev")
    assert done.code == 1
    assert "No such address." in done.err
    assert done.problems[-1] == "terraform plan failed: see Terraform's output above"
    assert not checkout.plan.exists()


def test_a_disposable_environment_is_destroyed_after_a_list_of_the_losses(checkout: Checkout, yes: None) -> None:
    checkout.run("apply", "dev")
    done = checkout.run("destroy", "dev")
    assert done.code == 0, done.err
    assert "account 123456789012" in done.out
    assert "2 resources will be removed for good" in done.out
    assert done.out.index("removed for good") < done.out.index("Destroy complete!")
    assert done.out.splitlines()[-1].startswith(f"{checkout.prefix} is gone.")
    assert "Nothing is deployed in" in checkout.run("destroy", "dev").out


def test_only_an_environment_marked_disposable_is_destroyed(checkout: Checkout, yes: None) -> None:
    checkout.values()
    done = checkout.run("destroy", "dev")
    assert done.code == 1
    assert done.problems == [
        f"{checkout.prefix} is protected: terraform/environments/dev.tfvars does not set disposable = true"
    ]


def test_nothing_is_destroyed_without_the_prefix(
    checkout: Checkout, yes: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout.run("apply", "dev")
    monkeypatch.setenv("CONFIRM", "yes")
    assert checkout.run("destroy", "dev").problems == [f"CONFIRM=yes is not {checkout.prefix}: nothing was changed"]
    monkeypatch.delenv("CONFIRM")
    assert "nothing was changed" in checkout.run("destroy", "dev").err


def at_a_terminal(checkout: Checkout, command: str, typed: str) -> tuple[int, str]:
    """Run a command in a terminal and type one line; return the exit code and the output."""
    program = (
        f"import pathlib, sys; from deploy.__main__ import main; sys.exit(main([{command!r}, 'dev'], pathlib.Path()))"
    )
    keyboard, terminal = pty.openpty()
    os.write(keyboard, f"{typed}\n".encode())
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "scripts"), "CI": "1"}
    arguments = [sys.executable, "-c", program]
    with subprocess.Popen(
        arguments,
        cwd=checkout.root,
        env=environment,
        stdin=terminal,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as child:
        told, _ = child.communicate(timeout=120)
    os.close(terminal)
    os.close(keyboard)
    return child.returncode, told


def test_a_person_is_asked_before_anything_changes(checkout: Checkout) -> None:
    code, told = at_a_terminal(checkout, "apply", "no")
    assert (code, "Apply complete!" in told) == (1, False)
    assert f"Apply it to {checkout.prefix}? Type yes to confirm: " in told
    assert told.endswith("deploy: not confirmed: nothing was changed\n")
    code, told = at_a_terminal(checkout, "apply", "yes")
    assert (code, "Apply complete!" in told) == (0, True), told


def test_destroy_asks_for_the_environments_prefix(
    checkout: Checkout, yes: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout.run("apply", "dev")
    monkeypatch.delenv("CONFIRM")
    code, told = at_a_terminal(checkout, "destroy", "yes")
    assert (code, "Destroy complete!" in told) == (1, False)
    assert f"Type {checkout.prefix} to go on: " in told
    code, told = at_a_terminal(checkout, "destroy", checkout.prefix)
    assert (code, "Destroy complete!" in told) == (0, True), told
