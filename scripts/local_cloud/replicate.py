"""The two Replicates: the simulator with made-up secrets, or the real service with the user's token."""

import base64
import secrets
from collections.abc import Mapping

from common.problems import SetupProblem

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
