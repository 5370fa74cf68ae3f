"""localstack-client's session, made for the emulator of one local cloud."""

import os
from typing import Any
from urllib.parse import urlsplit

import boto3
import botocore.session
from localstack_client import config
from localstack_client.session import Session

from local_cloud.emulator import CREDENTIALS, REGION

# A person's AWS_PROFILE or ~/.aws/config is for real accounts. (name in file, variable, default, conversion)
NOTHING_OF_THE_USERS = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}


class EmulatorSession(Session):  # type: ignore[misc] # localstack-client ships no types
    """Makes boto3 clients of the emulator at `endpoint` and ignores the person's own AWS settings."""

    def __init__(
        self,
        endpoint: str,
        access_key: str = CREDENTIALS["AWS_ACCESS_KEY_ID"],
        secret_key: str = CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
    ) -> None:
        super().__init__(access_key, secret_key, region_name=REGION, localstack_host=urlsplit(endpoint).netloc)
        # AWS_ENDPOINT_URL of the person's shell would win; a local cloud's port is its own.
        self._service_endpoint_mapping: dict[str, str] = dict.fromkeys(config.get_service_endpoints(), endpoint)
        # localstack-client would use boto3's default session, which fails if AWS_PROFILE names no profile.
        self._boto = boto3.Session(botocore_session=botocore.session.Session(NOTHING_OF_THE_USERS))

    def client(self, service_name: str, **kwargs: Any) -> Any:
        """Make a client of a service; endpoint, region and credentials are always the session's."""
        endpoint = self._service_endpoint_mapping[service_name]
        return self._boto.client(service_name, **{**kwargs, **self.common_protected_kwargs, "endpoint_url": endpoint})
