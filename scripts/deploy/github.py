"""GitHub's ids of a repository and its owner; a name can be taken over by another account, an id cannot."""

import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import urllib3

from common.problems import SetupProblem

API = "https://api.github.com"
# GitHub puts the ids into the subject of its tokens for repositories created since then:
# https://docs.github.com/en/actions/reference/security/oidc#immutable-subject-claims
IMMUTABLE_SINCE = "2026-07-15"
SUBJECTS = {"ids": True, "names": False}
NAME = re.compile(r"([A-Za-z0-9](?:[A-Za-z0-9-]{0,37}[A-Za-z0-9])?)/([A-Za-z0-9._-]{1,100})")
BY_HAND = "give GITHUB_OWNER_ID and GITHUB_REPOSITORY_ID (gh api repos/{name} --jq '.owner.id, .id')"


def repository(name: str, environ: Mapping[str, str]) -> dict[str, str | int]:
    """Return the bootstrap's variable for owner/name. Raises SetupProblem if its ids cannot be read."""
    match = NAME.fullmatch(name)
    if not match:
        raise SetupProblem(f"GITHUB={name} is not a repository: give GITHUB=owner/name")
    owner_id, repository_id = (environ.get(each, "") for each in ("GITHUB_OWNER_ID", "GITHUB_REPOSITORY_ID"))
    if owner_id.isdecimal() and repository_id.isdecimal():
        found: dict[str, Any] = {"owner": {"id": owner_id}, "id": repository_id}
    else:
        found = _ask(name, environ)
    return {
        "owner": match[1],
        "owner_id": int(found["owner"]["id"]),
        "name": match[2],
        "id": int(found["id"]),
        "immutable_subject": _has_immutable_subject(found, environ),
    }


def _has_immutable_subject(found: Mapping[str, Any], environ: Mapping[str, str]) -> bool:
    """Return whether GitHub's tokens name the ids; an older repository does after a rename, transfer or opt-in."""
    given = environ.get("GITHUB_SUBJECT", "")
    if given and given not in SUBJECTS:
        raise SetupProblem(f"GITHUB_SUBJECT={given} is invalid: use ids or names")
    # Without a date the stricter form: a wrong guess refuses workflows instead of trusting a name.
    return SUBJECTS[given] if given else str(found.get("created_at") or IMMUTABLE_SINCE) >= IMMUTABLE_SINCE


def _ask(name: str, environ: Mapping[str, str]) -> dict[str, Any]:
    token = environ.get("GITHUB_TOKEN") or environ.get("GH_TOKEN")
    headers = {"accept": "application/vnd.github+json", "user-agent": "vsl-media-generation"}
    if token:
        headers["authorization"] = f"Bearer {token}"
    by_hand = BY_HAND.format(name=name)
    try:
        url = f"{environ.get('GITHUB_API_URL') or API}/repos/{name}"
        answer = urllib3.request("GET", url, headers=headers, timeout=15, retries=False)
    except urllib3.exceptions.HTTPError as error:
        raise SetupProblem(f"cannot reach GitHub ({type(error).__name__}): {by_hand}") from None
    if answer.status != HTTPStatus.OK:
        raise SetupProblem(f"GitHub does not show {name} (HTTP {answer.status}; it may be private): {by_hand}")
    found: dict[str, Any] = json.loads(answer.data)
    return found
