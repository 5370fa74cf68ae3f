"""The real Replicate, as far as a deployer asks it: for the secret that signs the account's webhooks."""

import json
from http import HTTPStatus

import urllib3

from common.problems import SetupProblem

LIVE_URL = "https://api.replicate.com/v1"


def webhook_secret(token: str, base_url: str = LIVE_URL) -> str:
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
