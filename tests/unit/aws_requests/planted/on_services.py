"""Mistakes in secrets, parameters, schedules, keys, topics and scaling."""

import json
from typing import Any

from unit.aws_requests.planted.planting import ACCOUNT, REMOVED, planted, recorded

FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:check"
SCHEDULE = f"arn:aws:events:us-east-1:{ACCOUNT}:rule/check"
API = f"arn:aws:execute-api:us-east-1:{ACCOUNT}:a1"
INVOKE = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{FUNCTION}:live/invocations"

SECRETS = recorded(
    ("secretsmanager.CreateSecret", {"Name": "vsl-dev/replicate-api-token", "ClientRequestToken": "t" * 32}),
    ("secretsmanager.PutSecretValue", {"SecretId": "vsl-dev/replicate-api-token", "SecretString": "s"}),
    ("secretsmanager.DeleteSecret", {"SecretId": "vsl-dev/replicate-api-token", "ForceDeleteWithoutRecovery": True}),
    ("secretsmanager.CreateSecret", {"Name": "vsl-dev/replicate-api-token", "ClientRequestToken": "t" * 32}),
    (
        "ssm.PutParameter",
        {
            "Name": "/vsl-dev/database-url",
            "Value": "postgresql://",
            "Type": "SecureString",
            "KeyId": "alias/aws/ssm",
            "Tags": [{"Key": "Environment", "Value": "dev"}],
        },
    ),
    (
        "ssm.PutParameter",
        {"Name": "/vsl-dev/database-url", "Value": "postgresql://a", "Type": "SecureString", "Overwrite": True},
    ),
    ("ssm.GetParameters", {"Names": ["/vsl-dev/database-url"]}),
)

EVENTS = recorded(
    ("events.PutRule", {"Name": "check", "ScheduleExpression": "rate(5 minutes)"}),
    ("events.PutTargets", {"Rule": "check", "Targets": [{"Id": "function", "Arn": f"{FUNCTION}:live", "Input": "{}"}]}),
    (
        "lambda.AddPermission",
        {
            "FunctionName": "check",
            "Qualifier": "live",
            "StatementId": "schedule",
            "Action": "lambda:InvokeFunction",
            "Principal": "events.amazonaws.com",
            "SourceArn": SCHEDULE,
        },
    ),
    (
        "apigatewayv2.CreateIntegration",
        {"ApiId": "a1", "IntegrationType": "AWS_PROXY", "IntegrationUri": INVOKE, "PayloadFormatVersion": "2.0"},
    ),
    (
        "lambda.AddPermission",
        {
            "FunctionName": "check",
            "Qualifier": "live",
            "StatementId": "get",
            "Action": "lambda:InvokeFunction",
            "Principal": "apigateway.amazonaws.com",
            "SourceArn": f"{API}/*/GET/jobs",
        },
    ),
    ("events.PutRule", {"Name": "other", "ScheduleExpression": "cron(0 12 * * ? *)"}),
    ("events.PutTargets", {"Rule": "other", "Targets": [{"Id": "topic", "Arn": f"arn:aws:sns:us-east-1:{ACCOUNT}:t"}]}),
    ("events.RemoveTargets", {"Rule": "other", "Ids": ["topic"]}),
    ("events.DeleteRule", {"Name": "other"}),
)


def key_policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


ROOT = {
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
    "Action": ["kms:PutKeyPolicy", "kms:Decrypt"],
    "Resource": "*",
}
OTHERS = recorded(
    ("kms.CreateKey", {"Policy": key_policy(ROOT)}, {"KeyMetadata": {"KeyId": "k1"}}),
    ("kms.CreateAlias", {"AliasName": "alias/vsl-dev", "TargetKeyId": "k1"}),
    ("kms.ScheduleKeyDeletion", {"KeyId": "k1", "PendingWindowInDays": 30}),
    ("sns.CreateTopic", {"Name": "on-call"}),
    ("sns.Publish", {"TopicArn": f"arn:aws:sns:us-east-1:{ACCOUNT}:on-call", "Subject": "Alarm", "Message": "m"}),
    (
        "application-autoscaling.RegisterScalableTarget",
        {
            "ServiceNamespace": "dynamodb",
            "ResourceId": "table/jobs/index/GSI1",
            "ScalableDimension": "dynamodb:index:ReadCapacityUnits",
            "MinCapacity": 1,
            "MaxCapacity": 10,
        },
    ),
    (
        "application-autoscaling.PutScalingPolicy",
        {
            "PolicyName": "read",
            "ServiceNamespace": "dynamodb",
            "ResourceId": "table/jobs/index/GSI1",
            "ScalableDimension": "dynamodb:index:ReadCapacityUnits",
            "PolicyType": "TargetTrackingScaling",
            "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 70.0},
        },
    ),
)

PLANTED = [
    planted(
        "secret name like an ARN's ending", SECRETS, "secrets.name_syntax", (1, "Name", "vsl-dev/replicate-abcdef")
    ),
    planted("secret name with a space", SECRETS, "secrets.name_syntax", (1, "Name", "vsl dev")),
    planted("secret of 70 KB", SECRETS, "secrets.values", (2, "SecretString", "s" * 70_000)),
    planted("secret as text and as bytes", SECRETS, "secrets.values", (2, "SecretBinary", b"s")),
    planted(
        "recovery for 3 days",
        SECRETS,
        "secrets.recovery",
        (3, "RecoveryWindowInDays", 3),
        (3, "ForceDeleteWithoutRecovery", REMOVED),
    ),
    planted("recovery window beside a forced deletion", SECRETS, "secrets.recovery", (3, "RecoveryWindowInDays", 7)),
    planted(
        "secret made again while it waits",
        SECRETS,
        "secrets.deleted_names_wait",
        (3, "ForceDeleteWithoutRecovery", False),
    ),
    planted("parameter of AWS", SECRETS, "parameters.name_syntax", (5, "Name", "/aws/database-url")),
    planted("path without its slash", SECRETS, "parameters.name_syntax", (5, "Name", "vsl-dev/database-url")),
    planted("parameter with a space", SECRETS, "parameters.name_syntax", (5, "Name", "/vsl-dev/database url")),
    planted("parameter of 16 levels", SECRETS, "parameters.name_syntax", (5, "Name", "/a" * 16)),
    planted("parameter of 5 KB", SECRETS, "parameters.values", (5, "Value", "v" * 5000)),
    planted("empty parameter", SECRETS, "parameters.values", (6, "Value", "")),
    planted("parameter in a parameter", SECRETS, "parameters.values", (5, "Value", "{{ssm:other}}")),
    planted("key for a plain parameter", SECRETS, "parameters.key_is_for_secure_strings", (5, "Type", "String")),
    planted("tags with an overwrite", SECRETS, "parameters.overwriting", (5, "Overwrite", True)),
    planted("parameter written twice", SECRETS, "parameters.overwriting", (6, "Overwrite", False)),
    planted(
        "eleven parameters at once", SECRETS, "parameters.few_at_once", (7, "Names", [f"/p{n}" for n in range(11)])
    ),
    planted("rate(1 minutes)", EVENTS, "schedules.expression", (1, "ScheduleExpression", "rate(1 minutes)")),
    planted("rate in seconds", EVENTS, "schedules.expression", (1, "ScheduleExpression", "rate(30 seconds)")),
    planted("cron with five fields", EVENTS, "schedules.expression", (1, "ScheduleExpression", "cron(0 12 * * *)")),
    planted(
        "cron without a question mark", EVENTS, "schedules.expression", (1, "ScheduleExpression", "cron(0 12 * * * *)")
    ),
    planted("rule name with a slash", EVENTS, "schedules.rule_name", (1, "Name", "vsl/check")),
    planted(
        "six targets",
        EVENTS,
        "schedules.targets",
        (2, "Targets", [{"Id": str(n), "Arn": f"{FUNCTION}:live"} for n in range(6)]),
    ),
    planted("input that is not JSON", EVENTS, "schedules.targets", (2, "Targets.0.Input", "now")),
    planted("input of 9 KB", EVENTS, "schedules.targets", (2, "Targets.0.Input", json.dumps("i" * 9000))),
    planted("target of a missing rule", EVENTS, "schedules.targets_have_a_rule", (2, "Rule", "checks")),
    planted("rule deleted with its target", EVENTS, "schedules.deleted_rules_are_empty", (8, "", 400)),
    planted("schedule that may not call", EVENTS, "permissions.schedules_may_call", (3, "SourceArn", f"{SCHEDULE}-2")),
    planted(
        "schedule that may call another alias", EVENTS, "permissions.schedules_may_call", (3, "Qualifier", REMOVED)
    ),
    planted("API that may not call", EVENTS, "permissions.apis_may_call", (5, "Principal", "events.amazonaws.com")),
    planted(
        "API that another API's permission is for",
        EVENTS,
        "permissions.apis_may_call",
        (5, "SourceArn", f"{API}x/*/GET/jobs"),
    ),
    planted(
        "key policy that can never be changed",
        OTHERS,
        "keys.policy_stays_changeable",
        (1, "Policy", key_policy({**ROOT, "Action": "kms:Decrypt"})),
    ),
    planted(
        "key policy with an ARN of none",
        OTHERS,
        "keys.policy_grammar",
        (1, "Policy", key_policy({**ROOT, "Principal": {"AWS": "none"}})),
    ),
    planted("alias of AWS", OTHERS, "keys.aliases", (2, "AliasName", "alias/aws/vsl")),
    planted("alias without its beginning", OTHERS, "keys.aliases", (2, "AliasName", "vsl-dev")),
    planted("key deleted in three days", OTHERS, "keys.deletion_waits", (3, "PendingWindowInDays", 3)),
    planted("topic with a dot", OTHERS, "topics.names", (4, "Name", "on.call")),
    planted("notification of 300 KB", OTHERS, "topics.messages", (5, "Message", "m" * 300_000)),
    planted("subject of two lines", OTHERS, "topics.messages", (5, "Subject", "a\nb")),
    planted("least capacity above the most", OTHERS, "scaling.targets", (6, "MinCapacity", 20)),
    planted(
        "dimension of a table for an index",
        OTHERS,
        "scaling.targets",
        (6, "ScalableDimension", "dynamodb:table:ReadCapacityUnits"),
    ),
    planted(
        "policy of an unregistered target",
        OTHERS,
        "scaling.policies_have_a_target",
        (6, "ResourceId", "table/other/index/GSI1"),
    ),
]
