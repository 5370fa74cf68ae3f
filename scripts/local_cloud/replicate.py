"""The two Replicates: the simulator with made-up secrets, or the real service with the user's token."""

import base64
import json
import secrets
from collections.abc import Mapping
from http import HTTPStatus

import urllib3

from local_cloud.problems import SetupProblem

LIVE_URL = "https://api.replicate.com/v1"
MODES = ("simulator", "live")


def made_up_token() -> str:
    """Make an API token for the simulator."""
    return f"r8_{secrets.token_hex(18)}"


def made_up_webhook_secret() -> str:
    """Make a webhook signing secret for the simulator."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()


def live_token(environ: Mapping[str, str]) -> str:
    """Read the user's token for the real service."""
    token = environ.get("REPLICATE_API_TOKEN", "").strip()
    if not token:
        raise SetupProblem("REPLICATE=live needs REPLICATE_API_TOKEN: create one at replicate.com and export it")
    return token


def live_webhook_secret(token: str, base_url: str = LIVE_URL) -> str:
    """Ask Replicate for the account's webhook signing secret."""
    try:
        answer = urllib3.request(
            "GET",
            f"{base_url}/webhooks/default/secret",
            headers={"authorization": f"Bearer {token}"},
            timeout=15,
            retries=False,
        )
    except urllib3.exceptions.HTTPError as error:
        raise SetupProblem(f"Replicate cannot be reached ({type(error).__name__}): is there a network?") from None
    if answer.status != HTTPStatus.OK:
        raise SetupProblem(f"Replicate refused the token (HTTP {answer.status}): check REPLICATE_API_TOKEN")
    return str(json.loads(answer.data)["key"])
