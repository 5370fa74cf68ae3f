"""What the deployer's functions do: the database's schema, users and API keys."""

from argparse import Namespace
from typing import Any

from common.deployer import Deployer
from common.problems import SetupProblem
from deploy.preflight import Deployment, Needs, Place, ready

# PostgreSQL's code for a table that is not there.
NO_TABLE = "42P01"


def migrate(given: Namespace, place: Place) -> None:
    """bring the database to the newest schema"""
    deployment = ready(place, given.environment, "migrate", Needs.NOTHING)
    with place.progress.step(f"Migrations of {deployment.environment.prefix}") as step:
        done = deployer(deployment).migrate()
        step.detail = f"{len(done['applied'])} applied, {done['alreadyApplied']} were there already"
    for name in done["applied"]:
        place.progress.note(f"  {name}")


def access(given: Namespace, place: Place) -> None:
    """make an API key for a user (made too if there is none of that name); the key alone goes to standard output"""
    name = given.user.strip()
    if not name:
        raise SetupProblem(f"USER is missing: for example make access ENV={given.environment or 'homolog'} USER=alice")
    deployment = ready(place, given.environment, "access", Needs.NOTHING)
    functions = deployer(deployment)
    user_id, is_new = user_of_name(functions, name)
    place.progress.note(f"User {name} ({user_id}) {'was created' if is_new else 'is known'}.")
    key = functions.manage_access("create-key", userId=user_id, name=name)
    place.progress.note(f"A key ({key['keyId']}), shown this once; only its hash is kept:")
    print(key["apiKey"])


def deployer(deployment: Deployment) -> Deployer:
    """Give the caller of the deployer's functions, which have fixed names."""
    prefix = deployment.environment.prefix
    names = ("apply_migrations", "manage_access", "check_replicate_status")
    return Deployer(deployment.account.aws, {name: f"{prefix}-{name.replace('_', '-')}" for name in names})


def user_of_name(functions: Deployer, name: str) -> tuple[str, bool]:
    """Find the user of a name, or create one; say whether it is new. Raises SetupProblem for two of one name."""
    found = users_of_name(functions, name)
    if found:
        return found[0]["userId"], False
    return functions.manage_access("create-user", name=name)["userId"], True


def users_of_name(functions: Deployer, name: str) -> list[dict[str, Any]]:
    """Find the user of a name, if there is one. Raises SetupProblem for two."""
    try:
        known: list[dict[str, Any]] = functions.manage_access("list")["users"]
    except SetupProblem as problem:
        if NO_TABLE in str(problem):
            raise SetupProblem("there are no tables yet: make migrate comes first") from None
        raise
    found = [user for user in known if user["name"] == name]
    if len(found) > 1:
        raise SetupProblem(
            f"{len(found)} users are called {name}, so it is not clear who is meant: choose another name"
        )
    return found
