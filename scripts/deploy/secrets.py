"""Store Replicate's token and webhook secret in Secrets Manager, outside Terraform's state, and never show them."""

import getpass
import re
import sys
from argparse import Namespace
from collections.abc import Mapping

from common.problems import SetupProblem
from common.replicate import LIVE_URL, webhook_secret
from deploy.preflight import Deployment, Needs, Place, ready

TOKEN = re.compile(r"r8_[A-Za-z0-9]{20,}")
WHERE = "it is at https://replicate.com/account/api-tokens"


def secrets(given: Namespace, place: Place) -> None:
    """put Replicate's token and its webhook signing secret into Secrets Manager"""
    deployment = ready(place, given.environment, "secrets", Needs.NOTHING)
    token_id, webhook_id = (
        f"{deployment.environment.prefix}/{name}" for name in ("replicate-api-token", "replicate-webhook-secrets")
    )
    stored = {secret_id: _stored(deployment, secret_id) for secret_id in (token_id, webhook_id)}
    token = read_token(place.environ)
    with place.progress.step("Webhook signing secret, from Replicate"):
        signing = webhook_secret(token, place.environ.get("REPLICATE_BASE_URL") or LIVE_URL)
    for secret_id, value in {token_id: token, webhook_id: rotated(stored[webhook_id], signing)}.items():
        place.progress.note(f"{secret_id}: {_put(deployment, secret_id, stored[secret_id], value)}")
    place.progress.note(f"The functions use them within five minutes. Next: make migrate ENV={given.environment}")


def stored_token(deployment: Deployment) -> str:
    """Read an environment's stored token. Raises SetupProblem if there is none yet."""
    token = _stored(deployment, f"{deployment.environment.prefix}/replicate-api-token")
    if not token:
        name = deployment.environment.name
        raise SetupProblem(
            f"{name} has no Replicate API token yet: make secrets ENV={name}, or export REPLICATE_API_TOKEN"
        )
    return token


def read_token(environ: Mapping[str, str]) -> str:
    """Read the token from REPLICATE_API_TOKEN, a pipe or the terminal. Raises SetupProblem if it is not a token."""
    token = environ.get("REPLICATE_API_TOKEN", "")
    if not token:
        typed = sys.stdin.isatty()
        token = getpass.getpass(f"Replicate API token ({WHERE}; not shown): ") if typed else sys.stdin.readline()
    token = token.strip()
    if not token:
        raise SetupProblem(
            f"no Replicate API token was given ({WHERE}): type it, pipe it, or export REPLICATE_API_TOKEN"
        )
    if not TOKEN.fullmatch(token):
        raise SetupProblem(f"this is not a Replicate API token, because those begin with r8_: {WHERE}")
    return token


def rotated(stored: str, fresh: str) -> str:
    """Put a new signing secret before the old one, for webhooks in flight; the next run removes the old one."""
    newest = stored.split()[:1]
    return fresh if newest in ([], [fresh]) else f"{fresh} {newest[0]}"


def _stored(deployment: Deployment, secret_id: str) -> str:
    """Read a secret; empty when it has no value yet. Raises SetupProblem when there is no such secret."""
    manager = deployment.account.aws.client("secretsmanager")
    name = deployment.environment.name
    try:
        if not manager.describe_secret(SecretId=secret_id).get("VersionIdsToStages"):
            return ""
        # The emulator gives an empty secret a version without text.
        return str(manager.get_secret_value(SecretId=secret_id).get("SecretString", ""))
    except manager.exceptions.ResourceNotFoundException:
        raise SetupProblem(f"there is no secret {secret_id} yet: run make apply ENV={name} first") from None


def _put(deployment: Deployment, secret_id: str, stored: str, value: str) -> str:
    """Write a secret unless it is stored already; return what was done."""
    if value == stored:
        return "unchanged"
    deployment.account.aws.put_secret(secret_id, value)
    if not stored:
        return "written"
    if value.startswith("whsec_") and " " in value:
        return "new; the one before goes on working until the next make secrets"
    return "new" if value not in stored else "the one before has ended"
