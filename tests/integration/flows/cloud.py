"""AWS for the functions, mocked with moto: shared parameters, secrets, table and bucket; new queues for each test.

moto runs in this process, so frequent reads and resets access its stores directly: a request takes 7 ms of CPU time.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlparse
from uuid import uuid4

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends
from moto.s3.models import s3_backends
from moto.sqs.models import Queue, sqs_backends

from integration.job_tables import create_job_table
from mediagen.aws.settings import Aws

DATABASE, REDIS = "/vsl-test/database-url", "/vsl-test/redis-url"
OWNER_DATABASE = "/vsl-test/owner-database-url"
PROXY_LOGINS = {f"vsl_{group}_proxy": f"vsl-test/database-{group}-login" for group in ("media", "access", "jobs")}
TOKEN, SIGNING = "vsl-test/replicate-api-token", "vsl-test/replicate-webhook-secrets"
TABLE, BUCKET = "vsl-test-realtime-jobs", "vsl-test-media"
CONTAINERS = 50  # each has its own parameters, and with them its own connections


@dataclass(frozen=True)
class Cloud:
    aws: Aws
    boto: Callable[..., Any]

    def client(self, service: str) -> Any:
        return self.boto(self.aws, service)

    def fill(self, *, database_url: str, redis_url: str, token: str, signing_secret: str) -> None:
        self.parameter(DATABASE, database_url)
        self.parameter(REDIS, redis_url)
        for secret_id, value in ((TOKEN, token), (SIGNING, signing_secret)):
            self.client("secretsmanager").create_secret(Name=secret_id, SecretString=value)
        for secret_id in PROXY_LOGINS.values():
            self.client("secretsmanager").create_secret(Name=secret_id)
        create_job_table(self.client("dynamodb"), TABLE)
        location = {"LocationConstraint": self.aws.region}
        self.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=location)
        self.client("s3").put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})

    def parameter(self, name: str, value: str) -> None:
        self.client("ssm").put_parameter(Name=name, Value=value, Type="SecureString", Overwrite=True)

    def secret(self, secret_id: str, value: str) -> None:
        self.client("secretsmanager").put_secret_value(SecretId=secret_id, SecretString=value)

    def first_secret(self, secret_id: str, value: str) -> None:
        """Store a secret as its first value."""
        self.client("secretsmanager").delete_secret(SecretId=secret_id, ForceDeleteWithoutRecovery=True)
        self.client("secretsmanager").create_secret(Name=secret_id, SecretString=value)

    def queue(self) -> str:
        """Create a queue and return its URL."""
        made = sqs_backends[DEFAULT_ACCOUNT_ID][self.aws.region].create_queue(f"test-{uuid4().hex[:12]}")
        return made.url(urlparse(self.aws.endpoint("sqs")))

    def bury(self, url: str, grave: str, receives: int) -> None:
        """Set a dead-letter queue for messages that were received this many times."""
        policy = json.dumps({"deadLetterTargetArn": self._at(grave).queue_arn, "maxReceiveCount": receives})
        name = url.rpartition("/")[2]
        sqs_backends[DEFAULT_ACCOUNT_ID][self.aws.region].set_queue_attributes(name, {"RedrivePolicy": policy})

    def waiting(self, url: str) -> tuple[int, int]:
        """Count the messages that can be received, and those that are delayed."""
        queue = self._at(url)
        return queue.approximate_number_of_messages, queue.approximate_number_of_messages_delayed

    def held(self, url: str) -> int:
        """Count all messages, also those that are in flight."""
        return sum(self.waiting(url)) + self._at(url).approximate_number_of_messages_not_visible

    def _at(self, url: str) -> Queue:
        return sqs_backends[DEFAULT_ACCOUNT_ID][self.aws.region].get_queue(url.rpartition("/")[2])

    def keys(self, prefix: str = "") -> list[str]:
        """List the objects of the media bucket."""
        listed = self.client("s3").list_objects_v2(Bucket=BUCKET, Prefix=prefix)
        return [entry["Key"] for entry in listed.get("Contents", [])]

    def versions(self, prefix: str = "") -> list[str]:
        """List all versions of all objects of the media bucket, by key, without delete markers."""
        listed = self.client("s3").list_object_versions(Bucket=BUCKET, Prefix=prefix)
        return [entry["Key"] for entry in listed.get("Versions", [])]

    def empty_bucket(self) -> None:
        """Delete every version of every object, because moto keeps all in memory."""
        s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets[BUCKET].keys.clear()

    def empty_table(self) -> None:
        """Delete every item, also the poller's watermark: its time may be in the future of the next test."""
        dynamodb_backends[DEFAULT_ACCOUNT_ID][self.aws.region].tables[TABLE].items.clear()

    def item(self, job_id: str) -> dict[str, Any] | None:
        """Return a job's item as DynamoDB stores it."""
        found = self.client("dynamodb").query(
            TableName=TABLE,
            KeyConditionExpression="jobId = :id",
            ExpressionAttributeValues={":id": {"S": job_id}},
        )["Items"]
        return dict(found[0]) if found else None
