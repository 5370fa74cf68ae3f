"""Commands that change an environment: plan, apply, destroy."""

from argparse import Namespace
from collections import Counter

from common.problems import SetupProblem
from deploy.confirm import confirm, expect_answer
from deploy.environment import load
from deploy.preflight import Deployment, Needs, Place, ready
from deploy.saved_plan import Notes, SavedPlan
from deploy.terraform import Terraform

ALL = Needs.TERRAFORM | Needs.STATE | Needs.VALUES | Needs.ZIPS | Needs.QUOTAS
NEXT = """\
Next: make migrate ENV={name}, make smoke ENV={name}
The first time: make secrets ENV={name}, then these, with make access ENV={name} USER=<name> between them\
"""
# Resources whose data cannot be restored after a destroy.
STORES = {
    "aws_s3_bucket": "bucket with media",
    "aws_dynamodb_table": "table of jobs",
    "aws_db_instance": "database",
    "aws_elasticache_replication_group": "cache",
    "aws_secretsmanager_secret": "secret",
    "aws_kms_key": "key, and all that is encrypted with it",
}


def plan(given: Namespace, place: Place) -> None:
    """show what would change, and save that for apply"""
    deployment = ready(place, given.environment, "plan", ALL)
    place.progress.note(f"Plan of {deployment}")
    saved = SavedPlan(place.root, deployment.environment)
    if _plan(deployment, deployment.terraform(), saved):
        where = saved.path.relative_to(place.root)
        place.progress.note(f"\nSaved in {where}. Next: make apply ENV={given.environment}, which does exactly this.")
    else:
        place.progress.note(f"\n{deployment.environment.prefix} is up to date: there is nothing to apply.")


def apply(given: Namespace, place: Place) -> None:
    """apply the saved plan (plan first if there is none), once confirmed or with CONFIRM=<prefix>"""
    deployment = ready(place, given.environment, "apply", ALL)
    place.progress.note(f"Apply to {deployment}")
    saved = SavedPlan(place.root, deployment.environment)
    notes = saved.read(place.environ)
    expect_answer(deployment.environment.prefix, place.environ)
    terraform = deployment.terraform()
    notes = notes or _plan(deployment, terraform, saved)
    if notes:
        _apply(deployment, terraform, saved, notes)
    place.progress.note(
        f"\n{deployment.environment.prefix} is applied. API: {terraform.outputs().get('api_url', 'none')}"
    )
    place.progress.note(NEXT.format(name=given.environment))


def destroy(given: Namespace, place: Place) -> None:
    """remove a disposable environment with all its data, once its prefix is typed or with CONFIRM=<prefix>"""
    environment, note = load(place.root, given.environment, "destroy"), place.progress.note
    if not environment.disposable:
        raise SetupProblem(f"{environment.prefix} is protected: {environment.values} does not set disposable = true")
    deployment = ready(place, given.environment, "destroy", ALL & ~(Needs.ZIPS | Needs.QUOTAS))
    expect_answer(environment.prefix, place.environ)
    terraform = deployment.terraform()
    resources = terraform.resources()
    if not resources:
        note(f"Nothing is deployed in {deployment}.")
        return
    note(f"Of {deployment}, {len(resources)} resources will be removed for good, among them:")
    note("\n".join(f"  {line}" for line in _losses(resources)))
    confirm(
        f"Type {environment.prefix} to go on: ", environment.prefix, prefix=environment.prefix, environ=place.environ
    )
    # Lambda releases a network interface only some minutes after its function is deleted.
    note("This takes a few minutes, with functions in a network up to half an hour.")
    terraform.destroy(f"-var-file={environment.values.relative_to('terraform')}")
    SavedPlan(place.root, environment).remove()
    note(
        f"\n{environment.prefix} is gone. Its buckets for state and zips, and its roles, are the bootstrap's and stay."
    )


def _plan(deployment: Deployment, terraform: Terraform, saved: SavedPlan) -> Notes | None:
    """Plan and save; None if nothing would change."""
    saved.remove()
    if not terraform.plan(saved.path, f"-var-file={deployment.environment.values.relative_to('terraform')}"):
        return None
    return saved.note(terraform.changes(saved.path), deployment.place.environ)


def _apply(deployment: Deployment, terraform: Terraform, saved: SavedPlan, notes: Notes) -> None:
    prefix, environ = deployment.environment.prefix, deployment.place.environ
    deployment.place.progress.note(f"\n{saved.path.name}: {notes}.")
    confirm(f"Apply it to {prefix}? Type yes to confirm: ", "yes", prefix=prefix, environ=environ)
    try:
        terraform.apply(saved.path)
    finally:
        # A plan is used up even if its apply failed halfway: Terraform calls it stale.
        saved.remove()


def _losses(resources: list[str]) -> list[str]:
    """List the data that is lost with these resource addresses."""
    kinds = Counter(part for address in resources for part in address.split(".") if part in STORES)
    return [f"{STORES[kind]} ({kinds[kind]})" for kind in STORES if kinds[kind]] or ["nothing that holds data"]
