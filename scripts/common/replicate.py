"""Requests of a deployer to the real Replicate: the webhook signing secret, and a model with its schema."""

import json
from http import HTTPStatus
from typing import Any

import urllib3

from common.problems import SetupProblem

LIVE_URL = "https://api.replicate.com/v1"


def webhook_secret(token: str, base_url: str = LIVE_URL) -> str:
    """Read the account's webhook signing secret."""
    answer = _ask(token, f"{base_url}/webhooks/default/secret")
    if answer.status != HTTPStatus.OK:
        raise _refused(answer)
    return str(json.loads(answer.data)["key"])


def find_model(token: str, name: str, base_url: str = LIVE_URL) -> dict[str, Any]:
    """Read a model by `owner/name`, with its newest version's schema."""
    answer = _ask(token, f"{base_url}/models/{name}")
    if answer.status == HTTPStatus.NOT_FOUND:
        raise SetupProblem(f"Replicate shows no model {name}: it is misspelt, deleted, or private to another account")
    if answer.status != HTTPStatus.OK:
        raise _refused(answer)
    found: dict[str, Any] = json.loads(answer.data)
    return found


def _ask(token: str, url: str) -> urllib3.BaseHTTPResponse:
    try:
        return urllib3.request("GET", url, headers={"authorization": f"Bearer {token}"}, timeout=15, retries=False)
    except urllib3.exceptions.HTTPError as error:
        raise SetupProblem(f"cannot reach Replicate ({type(error).__name__}): check the network") from None


def _refused(answer: urllib3.BaseHTTPResponse) -> SetupProblem:
    if answer.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return SetupProblem(f"Replicate refused the token (HTTP {answer.status}): check REPLICATE_API_TOKEN")
    return SetupProblem(f"Replicate failed (HTTP {answer.status}): run the command again later")
