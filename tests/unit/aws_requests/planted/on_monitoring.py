"""Mistakes in log groups, their keys, alarms and metrics."""

import json

from unit.aws_requests.planted.planting import ACCOUNT, REMOVED, planted, recorded

ROOT = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}
KEY_ARN = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/k1"
GROUPS = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/*/vsl-*"
LOGS = {
    "Effect": "Allow",
    "Principal": {"Service": "logs.us-east-1.amazonaws.com"},
    "Action": ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
    "Resource": "*",
    "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": GROUPS}},
}


def key_policy(*statements: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


GROUP = recorded(
    ("kms.CreateKey", {"Policy": key_policy(ROOT, LOGS)}, {"KeyMetadata": {"KeyId": "k1", "Arn": KEY_ARN}}),
    ("logs.CreateLogGroup", {"logGroupName": "/aws/lambda/vsl-get-status", "kmsKeyId": KEY_ARN}),
    ("logs.PutRetentionPolicy", {"logGroupName": "/aws/lambda/vsl-get-status", "retentionInDays": 30}),
    ("logs.CreateLogStream", {"logGroupName": "/aws/lambda/vsl-get-status", "logStreamName": "2026/11/30/a"}),
    (
        "logs.PutLogEvents",
        {
            "logGroupName": "/aws/lambda/vsl-get-status",
            "logStreamName": "2026/11/30/a",
            "logEvents": [{"timestamp": 1, "message": "a"}, {"timestamp": 2, "message": "b"}],
        },
    ),
)

ALARM = recorded(
    (
        "cloudwatch.PutMetricAlarm",
        {
            "AlarmName": "vsl-errors",
            "AlarmDescription": "A function failed.",
            "Namespace": "AWS/Lambda",
            "MetricName": "Errors",
            "Statistic": "Sum",
            "Dimensions": [{"Name": "FunctionName", "Value": "vsl-get-status"}],
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "Threshold": 1.0,
            "Period": 300,
            "EvaluationPeriods": 1,
            "DatapointsToAlarm": 1,
            "TreatMissingData": "notBreaching",
            "AlarmActions": [f"arn:aws:sns:us-east-1:{ACCOUNT}:on-call"],
        },
    ),
    (
        "cloudwatch.PutMetricData",
        {"Namespace": "VSL", "MetricData": [{"MetricName": "Jobs", "Value": 1.0}]},
    ),
)

PLANTED = [
    planted("key that logs may not use", GROUP, "logs.key_policy_lets_logs_encrypt", (1, "Policy", key_policy(ROOT))),
    planted("key without a policy of its own", GROUP, "logs.key_policy_lets_logs_encrypt", (1, "Policy", REMOVED)),
    planted(
        "key for other log groups", GROUP, "logs.key_policy_lets_logs_encrypt", (2, "logGroupName", "/aws/lambda/other")
    ),
    planted(
        "key for logs of another region",
        GROUP,
        "logs.key_policy_lets_logs_encrypt",
        (1, "Policy", key_policy(ROOT, LOGS).replace("logs.us-east-1", "logs.eu-west-1")),
    ),
    planted("log group key by alias", GROUP, "logs.key_is_named_by_arn", (2, "kmsKeyId", "alias/vsl")),
    planted(
        "log group key of another region",
        GROUP,
        "logs.key_is_in_the_region",
        (2, "kmsKeyId", KEY_ARN.replace("us-east-1", "eu-west-1")),
    ),
    planted("retention of 10 days", GROUP, "logs.retention", (3, "retentionInDays", 10)),
    planted("log group name with a colon", GROUP, "logs.group_name", (2, "logGroupName", "/aws/lambda/vsl:get")),
    planted("log stream name with a colon", GROUP, "logs.stream_name", (4, "logStreamName", "12:00")),
    planted("log events out of order", GROUP, "logs.events_are_acceptable", (5, "logEvents.0.timestamp", 3)),
    planted("alarm over two days", ALARM, "alarms.window", (1, "EvaluationPeriods", 576)),
    planted("period of 45 seconds", ALARM, "alarms.window", (1, "Period", 45)),
    planted("more datapoints than periods", ALARM, "alarms.datapoints", (1, "DatapointsToAlarm", 2)),
    planted("two statistics", ALARM, "alarms.one_statistic", (1, "ExtendedStatistic", "p99")),
    planted("dimension without a value", ALARM, "alarms.dimensions", (1, "Dimensions.0.Value", "")),
    planted(
        "31 dimensions",
        ALARM,
        "alarms.dimensions",
        (1, "Dimensions", [{"Name": f"D{n}", "Value": "v"} for n in range(31)]),
    ),
    planted("alarm text of 1,100 characters", ALARM, "alarms.words", (1, "AlarmDescription", "d" * 1100)),
    planted("unknown treatment of missing data", ALARM, "alarms.words", (1, "TreatMissingData", "notbreaching")),
    planted(
        "topic in another region",
        ALARM,
        "alarms.actions",
        (1, "AlarmActions", [f"arn:aws:sns:eu-west-1:{ACCOUNT}:on-call"]),
    ),
    planted("metric in a namespace of AWS", ALARM, "alarms.metric_data", (2, "Namespace", "AWS/VSL")),
    planted("metric that is no number", ALARM, "alarms.metric_data", (2, "MetricData.0.Value", float("nan"))),
]
