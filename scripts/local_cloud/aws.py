"""What `up` does in the emulator by itself: buckets, secret values, calls of deployer functions."""

import json
import os
from typing import Any

import boto3
import botocore.session
from botocore.config import Config

from local_cloud.emulator import CREDENTIALS, REGION
from local_cloud.problems import SetupProblem

ARTIFACT_BUCKET = "vsl-local-artifacts"
STATE_BUCKET = "vsl-local-state"
# apply_migrations may take its whole five minutes; a second try would only wait for the first one's lock.
CONFIG = Config(read_timeout=310, retries={"total_max_attempts": 1})
# A person's AWS_PROFILE or ~/.aws/config is for real accounts. (name in file, variable, default, conversion)
NOTHING_OF_THE_USERS = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}


class Aws:
    """The emulator's AWS services, as its root user."""

    def __init__(self, endpoint: str) -> None:
        self._session = boto3.Session(
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            region_name=REGION,
            botocore_session=botocore.session.Session(NOTHING_OF_THE_USERS),
        )
        self._endpoint = endpoint

    def client(self, service: str) -> Any:
        """Make a boto3 client of a service."""
        return self._session.client(service, endpoint_url=self._endpoint, config=CONFIG)

    def create_buckets(self) -> None:
        """Create the buckets that exist before Terraform does; those already there are left alone."""
        s3 = self.client("s3")
        existing = {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}
        for name in (ARTIFACT_BUCKET, STATE_BUCKET):
            if name not in existing:
                s3.create_bucket(Bucket=name)

    def put_secrets(self, values: dict[str, str]) -> None:
        """Give the secrets that Terraform created empty their values (by secret id)."""
        manager = self.client("secretsmanager")
        for secret_id, value in values.items():
            manager.put_secret_value(SecretId=secret_id, SecretString=value)

    def invoke(self, function: str, event: dict[str, Any]) -> Any:
        """Call a function's alias `live`; raise SetupProblem with its own words if it fails."""
        answer = self.client("lambda").invoke(
            FunctionName=function, Qualifier="live", Payload=json.dumps(event).encode()
        )
        result = json.loads(answer["Payload"].read() or b"null")
        if answer.get("FunctionError"):
            raise SetupProblem(f"{function} failed: {result.get('errorMessage', result)}")
        return result
