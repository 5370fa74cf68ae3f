"""What the deployer's functions do: the database's schema, users and API keys."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from typing import Any

from common.deployer import Deployer
from common.problems import SetupProblem
from deploy.keys import list_users, revoke, rotate
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
    """make an API key for a user (made too if there is none of that name); with --action also list, rotate, revoke"""
    for name in ("user", "action", "key", "hours"):
        setattr(given, name, getattr(given, name).strip())
    checked(given)
    deployment = ready(place, given.environment, "access", Needs.NOTHING)
    ACTIONS[given.action or "key"](given, deployer(deployment), place)


def checked(given: Namespace) -> None:
    """Raise SetupProblem for an action that there is not, or that lacks something."""
    command = f"make access ENV={given.environment or 'homolog'}"
    action = given.action or "key"
    if action not in ACTIONS:
        raise SetupProblem(f"there is no ACTION={action}: use one of {', '.join(ACTIONS)}")
    if action in ("key", "user") and not given.user:
        chosen = f" ACTION={action}" if given.action else ""
        raise SetupProblem(f"USER is missing: for example {command}{chosen} USER=alice")
    if action in ("rotate", "revoke") and not given.key:
        raise SetupProblem(f"KEY is missing: its id or last four characters, which {command} ACTION=list shows")


def make_user(given: Namespace, functions: Deployer, place: Place) -> str:
    """Make the user if there is none of that name, and give the id."""
    user_id, is_new = user_of_name(functions, given.user)
    place.progress.note(f"User {given.user} ({user_id}) {'was created' if is_new else 'is known'}.")
    return user_id


def make_key(given: Namespace, functions: Deployer, place: Place) -> None:
    """Make a key; it alone goes to standard output."""
    key = functions.manage_access("create-key", userId=make_user(given, functions, place), name=given.user)
    place.progress.note(f"A key ({key['keyId']}), shown this once; only its hash is kept:")
    print(key["apiKey"])


ACTIONS: dict[str, Callable[[Namespace, Deployer, Place], object]] = {
    "key": make_key,
    "user": make_user,
    "list": list_users,
    "rotate": rotate,
    "revoke": revoke,
}


def add_access_options(parser: ArgumentParser) -> None:
    """Add what `access` takes besides the user."""
    parser.add_argument("--action", default="", help=f"{', '.join(ACTIONS)} (key is the default)")
    parser.add_argument("--key", default="", metavar="ID", help="for rotate and revoke; its last four characters do")
    parser.add_argument("--hours", default="", help="for rotate: how long the old key goes on working (24)")


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
            raise SetupProblem("the database has no tables yet: run make migrate first") from None
        raise
    found = [user for user in known if user["name"] == name]
    if len(found) > 1:
        raise SetupProblem(f"{len(found)} users have the name {name}: choose another name")
    return found
