"""Mistakes that AWS's service models or CloudFormation's schemas must find, planted in valid requests."""

import json

from unit.aws_requests.planted.planting import ACCOUNT, REMOVED, planted, recorded

ROLE = f"arn:aws:iam::{ACCOUNT}:role/vsl-local-get-status"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}],
}
READ = {
    "Effect": "Allow",
    "Action": ["dynamodb:GetItem"],
    "Resource": [f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/j"],
}

FUNCTIONS = recorded(
    ("iam.CreateRole", {"RoleName": "vsl-local-get-status", "AssumeRolePolicyDocument": json.dumps(TRUST)}),
    (
        "iam.PutRolePolicy",
        {
            "RoleName": "vsl-local-get-status",
            "PolicyName": "permissions",
            "PolicyDocument": json.dumps({"Version": "2012-10-17", "Statement": [READ]}),
        },
    ),
    (
        "lambda.CreateFunction",
        {
            "FunctionName": "vsl-local-get-status",
            "Role": ROLE,
            "Runtime": "python3.13",
            "Handler": "get_status.handler.lambda_handler",
            "Code": {"S3Bucket": "vsl-local-artifacts", "S3Key": "functions/get_status.zip"},
            "Timeout": 10,
            "MemorySize": 512,
            "Architectures": ["arm64"],
            "Environment": {"Variables": {"STAGE": "local"}},
            "TracingConfig": {"Mode": "Active"},
            "EphemeralStorage": {"Size": 512},
            "SnapStart": {"ApplyOn": "PublishedVersions"},
        },
    ),
    (
        "lambda.CreateEventSourceMapping",
        {
            "FunctionName": "vsl-local-get-status",
            "EventSourceArn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:work",
            "BatchSize": 10,
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "ScalingConfig": {"MaximumConcurrency": 5},
        },
    ),
)
STORES = recorded(
    ("sqs.CreateQueue", {"QueueName": "work", "Attributes": {"VisibilityTimeout": "120", "DelaySeconds": "0"}}),
    ("logs.PutRetentionPolicy", {"logGroupName": "/aws/lambda/vsl-local-get-status", "retentionInDays": 30}),
    (
        "dynamodb.CreateTable",
        {
            "TableName": "vsl-local-jobs",
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "jobId", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "jobId", "KeyType": "HASH"}],
        },
    ),
    ("kms.CreateAlias", {"AliasName": "alias/vsl-local-data", "TargetKeyId": "1234abcd-12ab-34cd-56ef-1234567890ab"}),
    ("secretsmanager.GetSecretValue", {"SecretId": "vsl-local/token", "VersionStage": "AWSCURRENT"}),
    ("sqs.ReceiveMessage", {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/1/work", "MaxNumberOfMessages": 10}),
    ("dynamodb.PutItem", {"TableName": "vsl-local-jobs", "Item": {"jobId": {"S": "1"}}}),
)
PLATFORM = recorded(
    (
        "apigatewayv2.CreateApi",
        {
            "Name": "vsl-local",
            "ProtocolType": "HTTP",
            "CorsConfiguration": {"AllowOrigins": ["https://a.example"], "MaxAge": 300},
        },
    ),
    (
        "apigatewayv2.CreateAuthorizer",
        {
            "ApiId": "a1",
            "Name": "keys",
            "AuthorizerType": "REQUEST",
            "AuthorizerResultTtlInSeconds": 300,
            "IdentitySource": ["$request.header.Authorization"],
        },
    ),
    (
        "cloudwatch.PutMetricAlarm",
        {
            "AlarmName": "vsl-local-errors",
            "ComparisonOperator": "GreaterThanThreshold",
            "EvaluationPeriods": 1,
            "Namespace": "AWS/Lambda",
            "MetricName": "Errors",
            "Statistic": "Sum",
            "Period": 60,
            "Threshold": 0.0,
            "TreatMissingData": "notBreaching",
        },
    ),
    (
        "ec2.CreateSubnet",
        {"VpcId": "vpc-0a1b2c3d4e5f6a7b8", "CidrBlock": "10.0.1.0/24", "AvailabilityZone": "us-east-1a"},
    ),
    (
        "rds.CreateDBInstance",
        {
            "DBInstanceIdentifier": "vsl-local",
            "DBInstanceClass": "db.t4g.small",
            "Engine": "postgres",
            "AllocatedStorage": 20,
            "MasterUsername": "vsl",
            "ManageMasterUserPassword": True,
            "StorageType": "gp3",
            "MonitoringInterval": 60,
            "MonitoringRoleArn": f"arn:aws:iam::{ACCOUNT}:role/monitoring",
            "BackupRetentionPeriod": 7,
        },
    ),
    (
        "elasticache.CreateReplicationGroup",
        {
            "ReplicationGroupId": "vsl-local",
            "ReplicationGroupDescription": "cache",
            "Engine": "valkey",
            "CacheNodeType": "cache.t4g.small",
            "AutomaticFailoverEnabled": True,
            "TransitEncryptionEnabled": True,
            "NumCacheClusters": 2,
        },
    ),
    (
        "elasticache.CreateUser",
        {
            "UserId": "app",
            "UserName": "app",
            "Engine": "valkey",
            "AccessString": "on ~* +@read",
            "AuthenticationMode": {"Type": "iam"},
        },
    ),
)


def policy(**changes: str | list[str]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{**READ, **changes}]})


MODELS, SCHEMAS = "models", "schemas"
# Here the source that must find the mistake takes the place of a rule's name.
PLANTED = [
    planted("function time-out of 20 minutes", FUNCTIONS, MODELS, (3, "Timeout", 0)),
    planted("function name with a space", FUNCTIONS, MODELS, (3, "FunctionName", "get status")),
    planted("unknown runtime", FUNCTIONS, MODELS, (3, "Runtime", "python3.99")),
    planted("too little memory", FUNCTIONS, MODELS, (3, "MemorySize", 64)),
    planted("role is no ARN", FUNCTIONS, MODELS, (3, "Role", "vsl-local-get-status")),
    planted("variable with a hyphen", FUNCTIONS, MODELS, (3, "Environment.Variables", {"A-B": "1"})),
    planted("tracing mode in capitals", FUNCTIONS, MODELS, (3, "TracingConfig.Mode", "ACTIVE")),
    planted("a text for a number", FUNCTIONS, MODELS, (3, "MemorySize", "512")),
    planted("misspelt member", FUNCTIONS, MODELS, (3, "TimeOut", 10)),
    planted("function without a role", FUNCTIONS, MODELS, (3, "Role", REMOVED)),
    planted("batch of 20,000", FUNCTIONS, MODELS, (4, "BatchSize", 20000)),
    planted("one worker at most", FUNCTIONS, MODELS, (4, "ScalingConfig.MaximumConcurrency", 1)),
    planted("unknown response type", FUNCTIONS, MODELS, (4, "FunctionResponseTypes", ["ReportItemFailures"])),
    planted("session of two days", FUNCTIONS, MODELS, (1, "MaxSessionDuration", 172800)),
    planted("role name of 70 characters", FUNCTIONS, MODELS, (1, "RoleName", "r" * 70)),
    planted("policy with no action", FUNCTIONS, SCHEMAS, (2, "PolicyDocument", policy(Action=[]))),
    planted(
        "policy with a resource that is no ARN", FUNCTIONS, SCHEMAS, (2, "PolicyDocument", policy(Resource="none"))
    ),
    planted(
        "policy of an unknown version", FUNCTIONS, SCHEMAS, (2, "PolicyDocument", policy().replace("2012", "2013"))
    ),
    planted("policy that permits", FUNCTIONS, SCHEMAS, (2, "PolicyDocument", policy(Effect="Permit"))),
    planted("snapshot of unpublished versions", FUNCTIONS, MODELS, (3, "SnapStart.ApplyOn", "All")),
    planted("visible after 13 hours", STORES, SCHEMAS, (1, "Attributes.VisibilityTimeout", "46800")),
    planted("delayed by 20 minutes", STORES, SCHEMAS, (1, "Attributes.DelaySeconds", "1200")),
    planted("misspelt attribute", STORES, SCHEMAS, (1, "Attributes.VisibilityTimeOutSeconds", "120")),
    planted("logs for 31 days", STORES, SCHEMAS, (2, "retentionInDays", 31)),
    planted("log group with a blank", STORES, MODELS, (2, "logGroupName", "/aws/lambda/get status")),
    planted("key attribute of an unknown type", STORES, MODELS, (3, "AttributeDefinitions.0.AttributeType", "STRING")),
    planted("table with a two-letter name", STORES, SCHEMAS, (3, "BillingMode", "ON_DEMAND")),
    planted("key attribute that is not defined", STORES, SCHEMAS, (3, "KeySchema.0.AttributeName", "id")),
    planted("alias without its prefix", STORES, SCHEMAS, (4, "AliasName", "vsl-local-data")),
    planted("secret without an id", STORES, MODELS, (5, "SecretId", REMOVED)),
    planted("unknown member of a queue's request", STORES, MODELS, (6, "MaxMessages", 10)),
    planted("an item's value that is a number", STORES, MODELS, (7, "Item.jobId", {"S": 1})),
    planted("unknown protocol", PLATFORM, MODELS, (1, "ProtocolType", "REST")),
    planted("CORS cached for two days", PLATFORM, MODELS, (1, "CorsConfiguration.MaxAge", 172800)),
    planted("a verdict cached for two hours", PLATFORM, MODELS, (2, "AuthorizerResultTtlInSeconds", 7200)),
    planted("unknown comparison", PLATFORM, MODELS, (3, "ComparisonOperator", "GreaterThan")),
    planted("no evaluation period", PLATFORM, MODELS, (3, "EvaluationPeriods", 0)),
    planted("unknown handling of missing data", PLATFORM, SCHEMAS, (3, "TreatMissingData", "ok")),
    planted("alarm every 45 seconds", PLATFORM, SCHEMAS, (3, "Period", 45)),
    planted("unknown class of instance", PLATFORM, SCHEMAS, (5, "DBInstanceClass", "db.t9.small")),
    planted("unknown engine", PLATFORM, SCHEMAS, (5, "Engine", "postgresql")),
    planted("sixty days of backups", PLATFORM, SCHEMAS, (5, "BackupRetentionPeriod", 60)),
    planted("unknown way to authenticate", PLATFORM, MODELS, (7, "AuthenticationMode.Type", "token")),
]
