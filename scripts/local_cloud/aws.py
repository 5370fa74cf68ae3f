"""What `up` does in the emulator by itself, as its root user."""

import os

import boto3
import botocore.session

from common import aws
from local_cloud.emulator import CREDENTIALS, REGION

ARTIFACT_BUCKET = "vsl-local-artifacts"
STATE_BUCKET = "vsl-local-state"
# A person's AWS_PROFILE or ~/.aws/config is for real accounts. (name in file, variable, default, conversion)
NOTHING_OF_THE_USERS = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}


class Aws(aws.Aws):
    """The emulator's AWS services."""

    def __init__(self, endpoint: str) -> None:
        session = boto3.Session(
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            region_name=REGION,
            botocore_session=botocore.session.Session(NOTHING_OF_THE_USERS),
        )
        super().__init__(session, endpoint)

    def create_buckets(self) -> None:
        """Create the buckets that exist before Terraform does; those already there are left alone."""
        s3 = self.client("s3")
        existing = {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}
        for name in (ARTIFACT_BUCKET, STATE_BUCKET):
            if name not in existing:
                s3.create_bucket(Bucket=name)
