"""What `up` does in the emulator by itself, as its root user."""

import os
from string import Template

import boto3
import botocore.session

from common import aws
from local_cloud.emulator import CREDENTIALS, REGION
from package_files import ROOT

BOUNDARY = ROOT / "terraform/bootstrap/boundary.json.tftpl"
ARTIFACT_BUCKET = "vsl-local-artifacts"
STATE_BUCKET = "vsl-local-state"
PREFIX = "vsl-local"
ACCOUNT = "000000000000"  # the emulator's
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

    def bootstrap(self) -> None:
        """Create what terraform/bootstrap creates on AWS before the first apply."""
        self._create_buckets()
        self._put_boundary()

    def _put_boundary(self) -> None:
        """Create the permissions boundary of all roles, or bring the existing one up to date."""
        iam = self.client("iam")
        boundary = Template(BOUNDARY.read_text()).substitute(account=ACCOUNT, prefix=PREFIX, region=REGION)
        name, path = f"{PREFIX}-boundary", "/bootstrap/"
        try:
            iam.create_policy(PolicyName=name, Path=path, PolicyDocument=boundary)
        except iam.exceptions.EntityAlreadyExistsException:
            arn = f"arn:aws:iam::{ACCOUNT}:policy{path}{name}"
            before = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
            iam.create_policy_version(PolicyArn=arn, PolicyDocument=boundary, SetAsDefault=True)
            iam.delete_policy_version(PolicyArn=arn, VersionId=before)

    def _create_buckets(self) -> None:
        s3 = self.client("s3")
        existing = {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}
        for name in (ARTIFACT_BUCKET, STATE_BUCKET):
            if name not in existing:
                s3.create_bucket(Bucket=name)
