"""What `up` does in the emulator by itself, as its root user."""

from string import Template

from botocore.config import Config

from common import aws
from common.paths import ROOT
from local_cloud.aws_session import EmulatorSession
from local_cloud.emulator import REGION

BOUNDARY = ROOT / "terraform/bootstrap/boundary.json.tftpl"
ARTIFACT_BUCKET = "vsl-local-artifacts"
STATE_BUCKET = "vsl-local-state"
PREFIX = "vsl-local"
ACCOUNT = "000000000000"  # the emulator's
# Without this an http proxy of the person's would be asked for 127.0.0.1.
DIRECT = aws.PATIENT.merge(Config(proxies={}))


class Aws(aws.Aws):
    """The emulator's AWS services."""

    def __init__(self, endpoint: str) -> None:
        super().__init__(EmulatorSession(endpoint), config=DIRECT)

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
