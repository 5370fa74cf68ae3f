"""Mistakes in stores, endpoints and names from other projects' failed applies, collected before the rules existed."""

from unit.aws_requests.planted.on_applies import LAMBDA, policy
from unit.aws_requests.planted.on_storage import BUCKETS
from unit.aws_requests.planted.planting import ACCOUNT, planted, recorded

DATA = recorded(
    (
        "dynamodb.CreateTable",
        {
            "TableName": "jobs",
            "AttributeDefinitions": [{"AttributeName": "jobId", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "jobId", "KeyType": "HASH"}],
            "BillingMode": "PAY_PER_REQUEST",
        },
    ),
    (
        "dynamodb.UpdateTimeToLive",
        {"TableName": "jobs", "TimeToLiveSpecification": {"Enabled": True, "AttributeName": "expiresAt"}},
    ),
    (
        "dynamodb.UpdateTimeToLive",
        {"TableName": "jobs", "TimeToLiveSpecification": {"Enabled": False, "AttributeName": "expiresAt"}},
    ),
    ("dynamodb.UpdateTable", {"TableName": "jobs", "GlobalSecondaryIndexUpdates": [{"Create": {"IndexName": "A"}}]}),
    (
        "dynamodb.UpdateItem",
        {
            "TableName": "jobs",
            "Key": {"jobId": {"S": "a"}},
            "UpdateExpression": "SET costs.amount = if_not_exists(costs.amount, :one), runs = :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        },
    ),
    (
        "dynamodb.Query",
        {
            "TableName": "jobs",
            "KeyConditionExpression": "jobId = :id",
            "FilterExpression": "runs > :one",
            "ExpressionAttributeValues": {":id": {"S": "a"}, ":one": {"N": "1"}},
        },
    ),
    (
        "sqs.CreateQueue",
        {
            "QueueName": "work",
            "Attributes": {
                "Policy": policy({"Effect": "Deny", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"})
            },
        },
    ),
    (
        "elasticache.CreateUser",
        {"UserId": "vsl", "UserName": "vsl", "AccessString": "on ~* +get", "AuthenticationMode": {"Type": "iam"}},
    ),
    (
        "elasticache.CreateUser",
        {"UserId": "off", "UserName": "default", "AccessString": "off -@all", "NoPasswordRequired": True},
    ),
    ("elasticache.CreateUserGroup", {"UserGroupId": "users", "Engine": "redis", "UserIds": ["vsl", "off"]}),
    (
        "elasticache.CreateReplicationGroup",
        {
            "ReplicationGroupId": "cache",
            "Engine": "redis",
            "EngineVersion": "7.1",
            "TransitEncryptionEnabled": True,
            "UserGroupIds": ["users"],
        },
    ),
)

ENDPOINT = {
    "VpcId": "vpc-1",
    "VpcEndpointType": "Interface",
    "ServiceName": "com.amazonaws.us-east-1.ssm",
    "PrivateDnsEnabled": True,
    "PolicyDocument": policy({"Effect": "Allow", "Principal": "*", "Action": "ssm:*", "Resource": "*"}),
}
NAMES = recorded(
    ("ec2.CreateVpcEndpoint", ENDPOINT, {"VpcEndpoint": {"VpcEndpointId": "vpce-1"}}),
    (
        "ec2.CreateVpcEndpoint",
        {**ENDPOINT, "ServiceName": "com.amazonaws.us-east-1.secretsmanager"},
        {"VpcEndpoint": {"VpcEndpointId": "vpce-2"}},
    ),
    ("acm.RequestCertificate", {"DomainName": "media.example.com", "SubjectAlternativeNames": ["media.example.com"]}),
    ("route53.GetHostedZone", {"Id": "Z1"}, {"HostedZone": {"Id": "/hostedzone/Z1", "Name": "example.com."}}),
    (
        "route53.ChangeResourceRecordSets",
        {
            "HostedZoneId": "Z1",
            "ChangeBatch": {
                "Changes": [
                    {
                        "Action": "CREATE",
                        "ResourceRecordSet": {
                            "Name": "media.example.com",
                            "Type": "A",
                            "AliasTarget": {"DNSName": "d"},
                        },
                    },
                    {
                        "Action": "CREATE",
                        "ResourceRecordSet": {
                            "Name": "_proof.media.example.com",
                            "Type": "CNAME",
                            "TTL": 300,
                            "ResourceRecords": [{"Value": "a"}],
                        },
                    },
                ]
            },
        },
    ),
    (
        "iam.CreateRole",
        {
            "RoleName": "worker",
            "AssumeRolePolicyDocument": policy(LAMBDA),
            "PermissionsBoundary": f"arn:aws:iam::{ACCOUNT}:policy/boundary",
        },
    ),
    ("rds.CreateDBParameterGroup", {"DBParameterGroupName": "p", "DBParameterGroupFamily": "postgres17"}),
    ("cloudwatch.PutMetricData", {"Namespace": "VSL", "MetricData": [{"MetricName": "Jobs", "Value": 1.0}]}),
)
_RECORD = "ChangeBatch.Changes.0.ResourceRecordSet"
MOVED = {
    "ID": "old",
    "Status": "Enabled",
    "Filter": {},
    "NoncurrentVersionTransitions": [{"NoncurrentDays": 60, "StorageClass": "GLACIER"}],
    "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
}

PLANTED = [
    planted(
        "time to live enabled twice",
        DATA,
        "tables.time_to_live_is_changed",
        (3, "TimeToLiveSpecification", {"Enabled": True, "AttributeName": "expiresAt"}),
    ),
    planted(
        "two indexes at once",
        DATA,
        "tables.one_index_at_a_time",
        (4, "GlobalSecondaryIndexUpdates", [{"Create": {"IndexName": name}} for name in "AB"]),
    ),
    planted(
        "path updated twice",
        DATA,
        "items.paths_do_not_overlap",
        (5, "UpdateExpression", "SET runs = :one, runs = :one"),
    ),
    planted(
        "path and a part of it updated",
        DATA,
        "items.paths_do_not_overlap",
        (5, "UpdateExpression", "SET costs = :one, costs.amount = :one"),
    ),
    planted(
        "filter by the key", DATA, "items.filters_name_no_keys", (6, "FilterExpression", "runs > :one AND jobId <> :id")
    ),
    planted(
        "queue policy without a principal",
        DATA,
        "queues.policy_grammar",
        (7, "Attributes.Policy", policy({"Effect": "Deny", "Action": "sqs:SendMessage", "Resource": "*"})),
    ),
    planted("users of another engine", DATA, "users.groups_fit_the_cache", (10, "Engine", "valkey")),
    planted("tokens for Redis 6", DATA, "users.groups_fit_the_cache", (11, "EngineVersion", "6.2")),
    planted(
        "private names twice",
        NAMES,
        "endpoints.private_names_are_new",
        (2, "ServiceName", "com.amazonaws.us-east-1.ssm"),
    ),
    planted(
        "endpoint policy without a principal",
        NAMES,
        "endpoints.policy_grammar",
        (1, "PolicyDocument", policy({"Effect": "Allow", "Action": "ssm:*", "Resource": "*"})),
    ),
    planted(
        "certificate for 70 characters",
        NAMES,
        "domains.certificate_names",
        (3, "DomainName", f"{'m' * 58}.example.com"),
    ),
    planted(
        "certificate for a name with _", NAMES, "domains.certificate_names", (3, "DomainName", "my_media.example.com")
    ),
    planted(
        "record outside its zone", NAMES, "domains.records_are_acceptable", (5, f"{_RECORD}.Name", "media.example.org")
    ),
    planted("alias with a lifetime", NAMES, "domains.records_are_acceptable", (5, f"{_RECORD}.TTL", 300)),
    planted(
        "CNAME at the apex",
        NAMES,
        "domains.records_are_acceptable",
        (5, "ChangeBatch.Changes.1.ResourceRecordSet.Name", "example.com."),
    ),
    planted("boundary by its name", NAMES, "roles.boundary_is_a_policy", (6, "PermissionsBoundary", "boundary")),
    planted(
        "old versions deleted before they move",
        BUCKETS,
        "lifecycle.rules_are_acceptable",
        (7, "LifecycleConfiguration.Rules", [MOVED]),
    ),
    # AWS refuses these; a rule would need lists that change every month, or the time.
    planted("family of a version that is not offered", NAMES, None, (7, "DBParameterGroupFamily", "postgres99")),
    planted("metric of three weeks ago", NAMES, None, (8, "MetricData.0.Timestamp", 1_700_000_000)),
]
