"""The AWS services of one account: the emulator's, or the one a person's credentials belong to."""

import json
from typing import Any

import boto3
from botocore.config import Config

from common.problems import SetupProblem

# apply_migrations may take its whole five minutes; a second try would only wait for the first one's lock.
PATIENT = Config(connect_timeout=10, read_timeout=310, retries={"total_max_attempts": 1})


class Aws:
    """AWS as a boto3 session sees it; without an endpoint, boto3's own rules say where that is."""

    def __init__(self, session: boto3.Session, endpoint: str | None = None) -> None:
        self._session = session
        self._endpoint = endpoint

    def client(self, service: str) -> Any:
        """Make a boto3 client of a service."""
        return self._session.client(service, endpoint_url=self._endpoint, config=PATIENT)

    def put_secret(self, secret_id: str, value: str) -> None:
        """Give a secret, which Terraform created empty, its value."""
        self.client("secretsmanager").put_secret_value(SecretId=secret_id, SecretString=value)

    def invoke(self, function: str, event: dict[str, Any]) -> Any:
        """Call a function's alias `live`; raise SetupProblem with its own words if it fails."""
        functions = self.client("lambda")
        try:
            answer = functions.invoke(FunctionName=function, Qualifier="live", Payload=json.dumps(event).encode())
        except functions.exceptions.ResourceNotFoundException:
            raise SetupProblem(f"there is no function {function}: make apply comes first") from None
        result = json.loads(answer["Payload"].read() or b"null")
        if answer.get("FunctionError"):
            raise SetupProblem(f"{function} failed: {result.get('errorMessage', result)}")
        return result
