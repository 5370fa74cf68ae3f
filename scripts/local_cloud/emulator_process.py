"""Main program of the emulator's process: MiniStack with our settings, every request to AWS recorded.

Called with the paths of the recording and of the file of sessions. MiniStack has no switch for these settings.
"""

import json
import sys
from http import HTTPStatus
from pathlib import Path
from typing import Any

from hypercorn.config import Config
from ministack import app
from ministack.core import iam_evaluator
from ministack.services import apigateway, sts

from aws_requests.asgi import Recorder
from aws_requests.recording import Writer
from aws_requests.repeats import Repeats
from local_cloud.api_limits import ApiLimits
from rds_proxy import sessions

# Longer than the 90 s after which Terraform's client closes an idle connection. MiniStack would close connections after
# 75 s, also one on which a request has just arrived: that request is carried out, and its answer is lost.
KEEP_ALIVE_SECONDS = 3600


def main(arguments: list[str]) -> None:
    """Serve until the process is stopped."""
    # MiniStack would answer /health itself on every host, instead of our API.
    app._HEALTH_PATHS = tuple(path for path in app._HEALTH_PATHS if path != "/health")
    keep_connections()
    resolve_everywhere()
    note_sessions(Path(arguments[1]))
    app.app = Recorder(ApiLimits(Repeats(app.app)), Writer(Path(arguments[0])), identify)
    sys.argv[1:] = []  # MiniStack reads them as its own
    app.main()


def keep_connections() -> None:
    """Let only clients close connections, whatever MiniStack sets."""
    kept = property(lambda config: KEEP_ALIVE_SECONDS, lambda config, given: None)
    Config.keep_alive_timeout = kept  # type: ignore[assignment]


def resolve_everywhere() -> None:
    """Name an API by a path of 127.0.0.1: Python and Node do not resolve MiniStack's `<id>.execute-api.localhost`."""
    create = apigateway._create_api
    host, port = app.os.environ["BIND_HOST"], app.os.environ["GATEWAY_PORT"]

    def create_resolvable(data: dict[str, Any]) -> Any:
        status, headers, body = create(data)
        if status != HTTPStatus.CREATED:
            return status, headers, body
        api = apigateway._apis[json.loads(body)["apiId"]]
        # %24 is "$": a shell would take $default for a variable.
        api["apiEndpoint"] = f"http://{host}:{port}/_aws/execute-api/{api['apiId']}/%24default"
        return apigateway._apigw_response(api, status)

    apigateway._create_api = create_resolvable


def note_sessions(path: Path) -> None:
    """Record the functions' credentials, so that the double of RDS Proxy can verify their tokens."""
    register = sts.register_session

    def noted(access_key: str, session: dict[str, Any]) -> Any:
        if access_key not in sts._sessions:
            sessions.note(path, access_key, session)
        return register(access_key, session)

    sts.register_session = noted


def identify(access_key: str) -> tuple[str, str]:
    """Return the name of the role that an access key acts for ("root" for the account's own), and its secret."""
    if not access_key:
        return "anonymous", ""
    if iam_evaluator.is_root_access_key(access_key):
        return "root", app.os.environ["AWS_SECRET_ACCESS_KEY"]
    session: dict[str, Any] | None = sts._sessions.get(access_key)
    if session:
        return iam_evaluator._role_name_from_assumed_arn(session["Arn"]), session["SecretAccessKey"]
    return access_key, ""
