"""Mistakes in HTTP APIs, their stages, log groups and alarms."""

import json

from unit.aws_requests.planted.planting import ACCOUNT, REMOVED, planted, recorded

FUNCTION_ARN = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:get-status:live"
INVOKE_ARN = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{FUNCTION_ARN}/invocations"
LOG_GROUP = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/apigateway/vsl-api"
THROTTLING = {"ThrottlingBurstLimit": 20, "ThrottlingRateLimit": 10.0}

API = recorded(
    (
        "apigatewayv2.CreateApi",
        {
            "Name": "vsl-api",
            "ProtocolType": "HTTP",
            "CorsConfiguration": {
                "AllowOrigins": ["https://example.com"],
                "AllowMethods": ["GET"],
                "AllowCredentials": True,
                "MaxAge": 3600,
            },
        },
        {"ApiId": "a1"},
    ),
    (
        "apigatewayv2.CreateAuthorizer",
        {
            "ApiId": "a1",
            "Name": "keys",
            "AuthorizerType": "REQUEST",
            "AuthorizerUri": INVOKE_ARN,
            "AuthorizerPayloadFormatVersion": "2.0",
            "EnableSimpleResponses": True,
            "AuthorizerResultTtlInSeconds": 300,
            "IdentitySource": ["$request.header.Authorization", "$context.identity.sourceIp"],
        },
        {"AuthorizerId": "u1"},
    ),
    (
        "apigatewayv2.CreateIntegration",
        {
            "ApiId": "a1",
            "IntegrationType": "AWS_PROXY",
            "IntegrationUri": INVOKE_ARN,
            "PayloadFormatVersion": "2.0",
            "TimeoutInMillis": 30000,
        },
        {"IntegrationId": "i1"},
    ),
    (
        "apigatewayv2.CreateRoute",
        {
            "ApiId": "a1",
            "RouteKey": "GET /jobs/{id}",
            "Target": "integrations/i1",
            "AuthorizationType": "CUSTOM",
            "AuthorizerId": "u1",
        },
        {"RouteId": "r1"},
    ),
    (
        "apigatewayv2.CreateRoute",
        {"ApiId": "a1", "RouteKey": "$default", "Target": "integrations/i1"},
        {"RouteId": "r2"},
    ),
    ("logs.CreateLogGroup", {"logGroupName": "/aws/apigateway/vsl-api"}),
    (
        "apigatewayv2.CreateStage",
        {
            "ApiId": "a1",
            "StageName": "$default",
            "AutoDeploy": True,
            "DefaultRouteSettings": THROTTLING,
            "RouteSettings": {"GET /jobs/{id}": THROTTLING},
            "AccessLogSettings": {"DestinationArn": LOG_GROUP, "Format": '{"id": "$context.requestId"}'},
        },
    ),
    (
        "apigatewayv2.CreateDomainName",
        {
            "DomainName": "api.example.com",
            "DomainNameConfigurations": [
                {"CertificateArn": f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/c1", "SecurityPolicy": "TLS_1_2"}
            ],
        },
    ),
    ("apigatewayv2.CreateApiMapping", {"ApiId": "a1", "DomainName": "api.example.com", "Stage": "$default"}),
)

TOKENS = recorded(
    (
        "apigatewayv2.CreateAuthorizer",
        {
            "ApiId": "a1",
            "Name": "tokens",
            "AuthorizerType": "JWT",
            "IdentitySource": ["$request.header.Authorization"],
            "JwtConfiguration": {"Issuer": "https://id.example.com", "Audience": ["vsl"]},
        },
        {"AuthorizerId": "u1"},
    ),
)

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
    planted("credentials from every origin", API, "http_api.cors", (1, "CorsConfiguration.AllowOrigins", ["*"])),
    planted(
        "origin with a path", API, "http_api.cors", (1, "CorsConfiguration.AllowOrigins", ["https://example.com/"])
    ),
    planted("CORS remembered for a week", API, "http_api.cors", (1, "CorsConfiguration.MaxAge", 604_800)),
    planted("integration of 60 seconds", API, "http_api.integration_settings", (3, "TimeoutInMillis", 60_000)),
    planted(
        "integration without a payload version",
        API,
        "http_api.integration_settings",
        (3, "PayloadFormatVersion", REMOVED),
    ),
    planted("mock integration", API, "http_api.integration_settings", (3, "IntegrationType", "MOCK")),
    planted(
        "verdict cached for two hours", API, "http_api.authorizer_settings", (2, "AuthorizerResultTtlInSeconds", 7200)
    ),
    planted(
        "authorizer without a payload version",
        API,
        "http_api.authorizer_settings",
        (2, "AuthorizerPayloadFormatVersion", REMOVED),
    ),
    planted(
        "simple responses of payload 1.0",
        API,
        "http_api.authorizer_settings",
        (2, "AuthorizerPayloadFormatVersion", "1.0"),
    ),
    planted("verdict cached without a key", API, "http_api.authorizer_settings", (2, "IdentitySource", [])),
    planted(
        "authorizer by the function's plain ARN",
        API,
        "http_api.authorizer_settings",
        (2, "AuthorizerUri", FUNCTION_ARN),
    ),
    planted(
        "identity source of a REST API",
        API,
        "http_api.identity_sources",
        (2, "IdentitySource", ["method.request.header.Authorization"]),
    ),
    planted(
        "token issuer without TLS",
        TOKENS,
        "http_api.token_authorizer",
        (1, "JwtConfiguration.Issuer", "http://id.example.com"),
    ),
    planted("tokens for no audience", TOKENS, "http_api.token_authorizer", (1, "JwtConfiguration.Audience", [])),
    planted("route without a method", API, "http_api.route_key", (4, "RouteKey", "/jobs/{id}")),
    planted("route with a greedy parameter inside", API, "http_api.route_key", (4, "RouteKey", "GET /{rest+}/jobs")),
    planted(
        "route to a missing integration", API, "http_api.route_names_what_exists", (4, "Target", "integrations/i2")
    ),
    planted("route with a missing authorizer", API, "http_api.route_names_what_exists", (4, "AuthorizerId", "u2")),
    planted(
        "token route with a key authorizer", API, "http_api.route_names_what_exists", (4, "AuthorizationType", "JWT")
    ),
    planted("the same route twice", API, "http_api.route_is_new", (5, "RouteKey", "GET /jobs/{id}")),
    planted(
        "throttling of a missing route",
        API,
        "stages.settings_name_a_route",
        (7, "RouteSettings", {"POST /jobs": THROTTLING}),
    ),
    planted(
        "throttling without a burst",
        API,
        "stages.throttling_is_whole",
        (7, "RouteSettings", {"GET /jobs/{id}": {"ThrottlingRateLimit": 1.0}}),
    ),
    planted(
        "execution log of an HTTP API",
        API,
        "stages.throttling_is_whole",
        (7, "DefaultRouteSettings", {**THROTTLING, "LoggingLevel": "INFO"}),
    ),
    planted(
        "access log without the request id",
        API,
        "stages.access_log",
        (7, "AccessLogSettings.Format", "$context.status"),
    ),
    planted(
        "access log to all streams", API, "stages.access_log", (7, "AccessLogSettings.DestinationArn", f"{LOG_GROUP}:*")
    ),
    planted(
        "access log to a missing group",
        API,
        "stages.access_log_group_exists",
        (6, "logGroupName", "/aws/apigateway/other"),
    ),
    planted("stage that nothing deploys", API, "stages.stage_is_deployed", (7, "AutoDeploy", False)),
    planted(
        "certificate of another region",
        API,
        "stages.certificate_is_near",
        (8, "DomainNameConfigurations.0.CertificateArn", f"arn:aws:acm:eu-west-1:{ACCOUNT}:certificate/c1"),
    ),
    planted(
        "domain with TLS 1.0",
        API,
        "stages.certificate_is_near",
        (8, "DomainNameConfigurations.0.SecurityPolicy", "TLS_1_0"),
    ),
    planted("mapping of a missing stage", API, "stages.mapping_names_what_exists", (9, "Stage", "prod")),
    planted(
        "certificate that is not issued yet",
        API,
        None,
        (8, "DomainNameConfigurations.0.CertificateArn", f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/c2"),
    ),
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
