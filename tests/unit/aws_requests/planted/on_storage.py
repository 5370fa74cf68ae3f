"""Mistakes in buckets and objects."""

import base64
import hashlib
import json

from unit.aws_requests.planted.planting import ACCOUNT, REMOVED, planted, recorded

BUCKET = "vsl-dev-media"
REPLICA = "vsl-dev-media-replica"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/{BUCKET}-replication"
TLS_ONLY = {
    "Sid": "DenyPlaintext",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
PUBLIC = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/*"}
BODY = b"picture"


def policy(**changes: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{**TLS_ONLY, **changes}]})


def md5(body: bytes) -> str:
    return base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()


RULE = {
    "ID": "objects",
    "Status": "Enabled",
    "Filter": {"Prefix": "videos/"},
    "Expiration": {"Days": 90},
    "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}],
    "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
}
REMAINS = {
    "ID": "remains",
    "Status": "Enabled",
    "Filter": {},
    "Expiration": {"ExpiredObjectDeleteMarker": True},
    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
}

BUCKETS = recorded(
    ("s3.CreateBucket", {"Bucket": BUCKET}),
    ("s3.CreateBucket", {"Bucket": REPLICA}),
    ("s3.PutBucketVersioning", {"Bucket": BUCKET, "VersioningConfiguration": {"Status": "Enabled"}}),
    ("s3.PutBucketVersioning", {"Bucket": REPLICA, "VersioningConfiguration": {"Status": "Enabled"}}),
    (
        "s3.PutPublicAccessBlock",
        {
            "Bucket": BUCKET,
            "PublicAccessBlockConfiguration": {"BlockPublicAcls": True, "BlockPublicPolicy": True},
        },
    ),
    ("s3.PutBucketPolicy", {"Bucket": BUCKET, "Policy": policy()}),
    ("s3.PutBucketLifecycleConfiguration", {"Bucket": BUCKET, "LifecycleConfiguration": {"Rules": [RULE, REMAINS]}}),
    (
        "s3.PutBucketReplication",
        {
            "Bucket": BUCKET,
            "ReplicationConfiguration": {
                "Role": ROLE,
                "Rules": [
                    {
                        "ID": "new",
                        "Priority": 1,
                        "Status": "Enabled",
                        "Filter": {"Prefix": ""},
                        "DeleteMarkerReplication": {"Status": "Enabled"},
                        "SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}},
                        "Destination": {
                            "Bucket": f"arn:aws:s3:::{REPLICA}",
                            "EncryptionConfiguration": {"ReplicaKmsKeyID": f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/k1"},
                        },
                    }
                ],
            },
        },
    ),
    (
        "s3.PutBucketEncryption",
        {
            "Bucket": BUCKET,
            "ServerSideEncryptionConfiguration": {
                "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "k1"}}]
            },
        },
    ),
    (
        "s3.PutBucketIntelligentTieringConfiguration",
        {
            "Bucket": BUCKET,
            "Id": "archive",
            "IntelligentTieringConfiguration": {
                "Id": "archive",
                "Status": "Enabled",
                "Tierings": [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}],
            },
        },
    ),
    (
        "s3.PutBucketOwnershipControls",
        {"Bucket": BUCKET, "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}},
    ),
    ("s3.PutObject", {"Bucket": BUCKET, "Key": "images/a.webp", "Body": BODY, "ContentMD5": md5(BODY)}),
    ("s3.DeleteObjects", {"Bucket": BUCKET, "Delete": {"Objects": [{"Key": "images/a.webp"}]}}),
    (
        "s3.CompleteMultipartUpload",
        {
            "Bucket": BUCKET,
            "Key": "videos/a.mp4",
            "UploadId": "u1",
            "MultipartUpload": {"Parts": [{"PartNumber": 1, "ETag": "a"}, {"PartNumber": 2, "ETag": "b"}]},
        },
    ),
)
_LIFECYCLE = "lifecycle.rules_are_acceptable"
_FIRST = "LifecycleConfiguration.Rules.0"
_COPY = "ReplicationConfiguration.Rules.0"

PLANTED = [
    planted("bucket with a capital", BUCKETS, "buckets.name_syntax", (1, "Bucket", "vsl-Dev-media")),
    planted("bucket like an address", BUCKETS, "buckets.name_syntax", (1, "Bucket", "192.168.0.1")),
    planted("bucket of 64 characters", BUCKETS, "buckets.name_syntax", (1, "Bucket", "b" * 64)),
    planted("bucket with a reserved ending", BUCKETS, "buckets.name_syntax", (1, "Bucket", "vsl-media-s3alias")),
    planted(
        "bucket in another region than asked",
        BUCKETS,
        "buckets.location",
        (1, "CreateBucketConfiguration", {"LocationConstraint": "us-east-1"}),
    ),
    planted("ACL of a bucket without ACLs", BUCKETS, "buckets.acls_are_off", (12, "ACL", "public-read")),
    planted(
        "public policy where it is blocked",
        BUCKETS,
        "buckets.public_policy_is_blocked",
        (6, "Policy", json.dumps({"Version": "2012-10-17", "Statement": [PUBLIC]})),
    ),
    planted(
        "policy for another bucket",
        BUCKETS,
        "buckets.policy_grammar",
        (6, "Policy", policy(Resource=[f"arn:aws:s3:::{REPLICA}/*"])),
    ),
    planted("policy without a principal", BUCKETS, "buckets.policy_grammar", (6, "Policy", policy(Principal=None))),
    planted(
        "action on objects for the bucket only",
        BUCKETS,
        "buckets.policy_grammar",
        (6, "Policy", policy(Action="s3:GetObject", Resource=f"arn:aws:s3:::{BUCKET}")),
    ),
    planted(
        "key without KMS",
        BUCKETS,
        "buckets.encryption",
        (9, "ServerSideEncryptionConfiguration.Rules.0.ApplyServerSideEncryptionByDefault.SSEAlgorithm", "AES256"),
    ),
    planted("infrequent access after a week", BUCKETS, _LIFECYCLE, (7, f"{_FIRST}.Transitions.0.Days", 7)),
    planted("expires before it moves", BUCKETS, _LIFECYCLE, (7, f"{_FIRST}.Expiration.Days", 20)),
    planted(
        "old versions kept for 0 days",
        BUCKETS,
        _LIFECYCLE,
        (7, f"{_FIRST}.NoncurrentVersionExpiration.NoncurrentDays", 0),
    ),
    planted("expires after 0 days", BUCKETS, _LIFECYCLE, (7, f"{_FIRST}.Expiration.Days", 0)),
    planted("two filters without And", BUCKETS, _LIFECYCLE, (7, f"{_FIRST}.Filter.Tag", {"Key": "a", "Value": "b"})),
    planted(
        "rule that does nothing",
        BUCKETS,
        _LIFECYCLE,
        (7, "LifecycleConfiguration.Rules", [{"ID": "a", "Status": "Enabled", "Filter": {}}]),
    ),
    planted("two rules of one id", BUCKETS, _LIFECYCLE, (7, "LifecycleConfiguration.Rules.1.ID", "objects")),
    planted("delete marker with days", BUCKETS, _LIFECYCLE, (7, "LifecycleConfiguration.Rules.1.Expiration.Days", 3)),
    planted(
        "aborted uploads by tag",
        BUCKETS,
        _LIFECYCLE,
        (7, "LifecycleConfiguration.Rules.1.Filter", {"Tag": {"Key": "a", "Value": "b"}}),
    ),
    planted(
        "replica without versions",
        BUCKETS,
        "replication.both_keep_versions",
        (4, "VersioningConfiguration.Status", "Suspended"),
    ),
    planted(
        "source without versions",
        BUCKETS,
        "replication.both_keep_versions",
        (3, "VersioningConfiguration.Status", "Suspended"),
    ),
    planted(
        "filter without delete markers",
        BUCKETS,
        "replication.rules_are_whole",
        (8, f"{_COPY}.DeleteMarkerReplication", REMOVED),
    ),
    planted(
        "encrypted copies without a key",
        BUCKETS,
        "replication.rules_are_whole",
        (8, f"{_COPY}.Destination.EncryptionConfiguration", REMOVED),
    ),
    planted(
        "copies to a name instead of an ARN",
        BUCKETS,
        "replication.rules_are_whole",
        (8, f"{_COPY}.Destination.Bucket", REPLICA),
    ),
    planted(
        "copies without a role",
        BUCKETS,
        "replication.rules_are_whole",
        (8, "ReplicationConfiguration.Role", "replication"),
    ),
    planted(
        "archive after 30 days",
        BUCKETS,
        "lifecycle.tiers_have_minima",
        (10, "IntelligentTieringConfiguration.Tierings.0.Days", 30),
    ),
    planted("body changed on its way", BUCKETS, "objects.checksums", (12, "Body", b"another")),
    planted("key over 1,024 bytes", BUCKETS, "objects.keys", (12, "Key", "ä" * 600)),
    planted("metadata of 3 KB", BUCKETS, "objects.metadata", (12, "Metadata", {"note": "n" * 3000})),
    planted(
        "1,001 objects deleted at once",
        BUCKETS,
        "objects.deletions",
        (13, "Delete.Objects", [{"Key": str(n)} for n in range(1001)]),
    ),
    planted("parts out of order", BUCKETS, "objects.parts", (14, "MultipartUpload.Parts.0.PartNumber", 3)),
    # S3 knows all bucket names in the world; the recording knows only its own.
    planted("bucket name that another account has", BUCKETS, None, (1, "Bucket", "media")),
]
