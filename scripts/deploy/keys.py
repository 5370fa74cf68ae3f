"""Actions of `make access` other than creating a key: list users and keys, rotate and revoke keys."""

from argparse import Namespace
from typing import Any

from common.deployer import Deployer
from common.problems import SetupProblem
from deploy.preflight import Place

# API Gateway caches the authorizer's result for 300 seconds.
STILL_WORKS = "It works for up to 300 seconds more."


def list_users(given: Namespace, functions: Deployer, _place: Place) -> None:
    """Print users and their keys' metadata, of one user if a name is given; never the keys themselves."""
    users = [user for user in functions.manage_access("list")["users"] if given.user in ("", user["name"])]
    if not users:
        raise SetupProblem(f"there is no user {given.user}" if given.user else "there are no users yet")
    for user in users:
        issuer = f"  by token of {user['issuer']}" if user.get("issuer") else ""
        print(f"{user['name']}  {user['userId']}  since {user['createdAt'][:10]}{issuer}")
        for key in user["keys"]:
            print(f"  {key['keyId']}  …{key['lastFour']}  {key['name']}  since {key['createdAt'][:10]}{ending(key)}")


def ending(key: dict[str, Any]) -> str:
    """Return when a key expires or was revoked."""
    if key["revokedAt"]:
        return f"  revoked {key['revokedAt'][:16]}"
    return f"  ends {key['expiresAt'][:16]}" if key["expiresAt"] else ""


def rotate(given: Namespace, functions: Deployer, place: Place) -> None:
    """Replace a key; the old one works for some hours more. Print the new key alone to standard output."""
    more = {"overlapHours": hours(given.hours)} if given.hours else {}
    made = functions.manage_access("rotate-key", keyId=found(given, functions), **more)
    place.progress.note(f"The old key ends at {made['oldKeyEndsAt']}.")
    place.progress.note(f"A key ({made['keyId']}) in its place, shown this once; only its hash is kept:")
    print(made["apiKey"])


def revoke(given: Namespace, functions: Deployer, place: Place) -> None:
    ended = functions.manage_access("revoke-key", keyId=found(given, functions))
    place.progress.note(f"The key {ended['keyId']} is revoked. {STILL_WORKS}")


def found(given: Namespace, functions: Deployer) -> str:
    """Find a key by its id or its last four characters. Raises SetupProblem unless exactly one matches."""
    users = functions.manage_access("list")["users"]
    keys = [key for user in users if given.user in ("", user["name"]) for key in user["keys"] if not key["revokedAt"]]
    meant = [key["keyId"] for key in keys if given.key in (key["keyId"], key["lastFour"])]
    if len(meant) != 1:
        several = (
            f"{len(meant)} keys end in {given.key}: give the id" if meant else f"there is no key {given.key} in force"
        )
        raise SetupProblem(f"{several} (make access ENV={given.environment} ACTION=list shows them)")
    return str(meant[0])


def hours(text: str) -> float:
    """Read how many hours the old key remains valid. Raises SetupProblem."""
    try:
        return float(text)
    except ValueError:
        raise SetupProblem(f"HOURS={text} is not a number: for how many hours the old key goes on working") from None
