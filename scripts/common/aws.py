"""AWS clients for one account: the emulator's, or that of the current credentials."""

import json
from typing import Any, Protocol

from botocore.config import Config

from common.problems import SetupProblem

# apply_migrations may take its whole five minutes; a retry would only wait for the lock of the first call.
PATIENT = Config(connect_timeout=10, read_timeout=310, retries={"total_max_attempts": 1})


class Session(Protocol):
    """Makes clients."""

    def client(self, service_name: str, /, *, config: Config) -> Any: ...


class Aws:
    """AWS as a session sees it: boto3's own, or localstack-client's for an emulator."""

    def __init__(self, session: Session, *, config: Config = PATIENT) -> None:
        self._session = session
        self._config = config

    def client(self, service: str) -> Any:
        """Make a boto3 client of a service."""
        return self._session.client(service, config=self._config)

    def put_secret(self, secret_id: str, value: str) -> None:
        """Give a secret, which Terraform created empty, its value."""
        self.client("secretsmanager").put_secret_value(SecretId=secret_id, SecretString=value)

    def invoke(self, function: str, event: dict[str, Any]) -> Any:
        """Call a function's alias `live`. Raises SetupProblem with the function's error message."""
        functions = self.client("lambda")
        try:
            answer = functions.invoke(FunctionName=function, Qualifier="live", Payload=json.dumps(event).encode())
        except functions.exceptions.ResourceNotFoundException:
            raise SetupProblem(f"there is no function {function}: run make apply first") from None
        result = json.loads(answer["Payload"].read() or b"null")
        if answer.get("FunctionError"):
            raise SetupProblem(f"{function} failed: {result.get('errorMessage', result)}")
        return result
