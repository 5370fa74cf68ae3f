"""Mistakes written before their author had read the rules: databases, caches, buckets and keys."""

import json
from typing import Any

from unit.aws_requests.planted.planting import ACCOUNT, planted, recorded

INSTANCE = recorded(
    (
        "rds.CreateDBInstance",
        {
            "DBInstanceIdentifier": "vsl-dev-database",
            "DBInstanceClass": "db.t4g.micro",
            "Engine": "postgres",
            "EngineVersion": "17.5",
            "DBName": "vsl",
            "MasterUsername": "owner",
            "ManageMasterUserPassword": True,
            "AllocatedStorage": 20,
            "MaxAllocatedStorage": 100,
            "StorageType": "gp3",
            "StorageEncrypted": True,
        },
    ),
)
PARAMETERS = recorded(
    (
        "rds.CreateDBParameterGroup",
        {"DBParameterGroupName": "vsl-dev", "DBParameterGroupFamily": "postgres17", "Description": "Of vsl-dev"},
    ),
    (
        "rds.ModifyDBParameterGroup",
        {
            "DBParameterGroupName": "vsl-dev",
            "Parameters": [
                {"ParameterName": "max_connections", "ParameterValue": "200", "ApplyMethod": "pending-reboot"}
            ],
        },
    ),
)
CACHE = recorded(
    (
        "elasticache.CreateCacheParameterGroup",
        {"CacheParameterGroupName": "vsl-dev", "CacheParameterGroupFamily": "redis7", "Description": "Of vsl-dev"},
    ),
    (
        "elasticache.CreateReplicationGroup",
        {
            "ReplicationGroupId": "vsl-dev-cache",
            "ReplicationGroupDescription": "Of vsl-dev",
            "Engine": "redis",
            "EngineVersion": "7.1",
            "CacheNodeType": "cache.t4g.micro",
            "NumCacheClusters": 1,
            "AutomaticFailoverEnabled": False,
            "CacheParameterGroupName": "vsl-dev",
            "TransitEncryptionEnabled": True,
            "AtRestEncryptionEnabled": True,
            "PreferredMaintenanceWindow": "sun:05:00-sun:06:00",
            "SnapshotRetentionLimit": 1,
            "SnapshotWindow": "03:00-04:00",
        },
    ),
)
OWNED = recorded(
    ("s3.CreateBucket", {"Bucket": "vsl-dev-media"}),
    (
        "s3.PutBucketOwnershipControls",
        {"Bucket": "vsl-dev-media", "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}},
    ),
    ("s3.PutBucketAcl", {"Bucket": "vsl-dev-media", "ACL": "public-read"}),
)


def resource_policy(principal: dict[str, str], action: str, resource: str) -> str:
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


NEWS = f"arn:aws:sqs:us-east-1:{ACCOUNT}:vsl-dev-news"
NEWS_READER = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:vsl-dev-read-news:live"
S3_MAY_SEND = resource_policy({"Service": "s3.amazonaws.com"}, "sqs:SendMessage", NEWS)
NOTIFIED = recorded(
    ("sqs.CreateQueue", {"QueueName": "vsl-dev-news", "Attributes": {"Policy": S3_MAY_SEND}}),
    ("s3.CreateBucket", {"Bucket": "vsl-dev-media"}),
    (
        "s3.PutBucketNotificationConfiguration",
        {
            "Bucket": "vsl-dev-media",
            "NotificationConfiguration": {
                "QueueConfigurations": [{"QueueArn": NEWS, "Events": ["s3:ObjectCreated:*"]}]
            },
        },
    ),
)
ROOT = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
KEY = recorded(
    (
        "kms.CreateKey",
        {"Description": "Of vsl-dev", "Policy": resource_policy(ROOT, "kms:*", "*")},
        {"KeyMetadata": {"KeyId": "0a1b2c3d-0000-4000-8000-000000000000"}},
    ),
    ("kms.CreateAlias", {"AliasName": "alias/vsl-dev", "TargetKeyId": "0a1b2c3d-0000-4000-8000-000000000000"}),
)
ENCRYPT_ONLY = resource_policy(ROOT, "kms:Encrypt", "*")

PLANTED = [
    planted("a database's name with a hyphen", INSTANCE, "databases.master_user", (1, "DBName", "vsl-media")),
    planted("a maximum below the storage", INSTANCE, "databases.storage", (1, "MaxAllocatedStorage", 10)),
    planted(
        "a static parameter at once",
        PARAMETERS,
        "databases.parameter_changes",
        (2, "Parameters.0.ApplyMethod", "immediate"),
    ),
    planted(
        "a snapshot during maintenance", CACHE, "caches.snapshots_and_maintenance", (2, "SnapshotWindow", "05:30-06:30")
    ),
    planted(
        "parameters of another family",
        CACHE,
        "caches.parameter_group_fits",
        (1, "CacheParameterGroupFamily", "redis6.x"),
    ),
    planted(
        "an ACL on a bucket without ACLs",
        OWNED,
        "buckets.acls_are_off",
        (2, "OwnershipControls.Rules.0.ObjectOwnership", "BucketOwnerEnforced"),
    ),
    planted("news to a queue that S3 may not use", NOTIFIED, "destinations.bucket_can_write", (1, "Attributes", {})),
    planted("a key policy without an administrator", KEY, "keys.policy_stays_changeable", (1, "Policy", ENCRYPT_ONLY)),
    planted("an alias of AWS's", KEY, "keys.aliases", (2, "AliasName", "alias/aws/vsl")),
    planted(
        "a snapshot in half an hour", CACHE, "caches.snapshots_and_maintenance", (2, "SnapshotWindow", "03:00-03:30")
    ),
    planted(
        "news to a function that S3 may not call",
        NOTIFIED,
        "destinations.bucket_can_write",
        (3, "NotificationConfiguration", {"LambdaFunctionConfigurations": [{"LambdaFunctionArn": NEWS_READER}]}),
    ),
]
