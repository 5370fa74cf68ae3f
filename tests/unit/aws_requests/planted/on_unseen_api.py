"""Mistakes written before their author had read the rules: queues, the API and alarms."""

import json
from typing import Any

from unit.aws_requests.planted.planting import ACCOUNT, REMOVED, planted, recorded

FAILED = f"arn:aws:sqs:us-east-1:{ACCOUNT}:vsl-dev-failed.fifo"
FIFO = recorded(
    ("sqs.CreateQueue", {"QueueName": "vsl-dev-failed.fifo", "Attributes": {"FifoQueue": "true"}}),
    (
        "sqs.CreateQueue",
        {
            "QueueName": "vsl-dev-work.fifo",
            "Attributes": {
                "FifoQueue": "true",
                "RedrivePolicy": json.dumps({"deadLetterTargetArn": FAILED, "maxReceiveCount": 5}),
            },
        },
    ),
)
STANDARD_TARGET = json.dumps({"deadLetterTargetArn": FAILED.removesuffix(".fifo"), "maxReceiveCount": 5})
QUEUE = recorded(
    ("sqs.CreateQueue", {"QueueName": "vsl-dev-work", "Attributes": {"VisibilityTimeout": "60"}}),
)
FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:vsl-dev-get-status:live"
API = recorded(
    ("apigatewayv2.CreateApi", {"Name": "vsl-dev-api", "ProtocolType": "HTTP"}, {"ApiId": "a1"}),
    (
        "apigatewayv2.CreateIntegration",
        {
            "ApiId": "a1",
            "IntegrationType": "AWS_PROXY",
            "IntegrationUri": FUNCTION,
            "IntegrationMethod": "POST",
            "PayloadFormatVersion": "2.0",
        },
        {"IntegrationId": "i1"},
    ),
    (
        "apigatewayv2.CreateAuthorizer",
        {
            "ApiId": "a1",
            "AuthorizerType": "REQUEST",
            "Name": "keys",
            "AuthorizerUri": f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{FUNCTION}/invocations",
            "AuthorizerPayloadFormatVersion": "2.0",
            "EnableSimpleResponses": True,
            "IdentitySource": ["$request.header.Authorization"],
        },
        {"AuthorizerId": "z1"},
    ),
    (
        "apigatewayv2.CreateRoute",
        {
            "ApiId": "a1",
            "RouteKey": "GET /status/{jobId}",
            "AuthorizationType": "CUSTOM",
            "AuthorizerId": "z1",
            "Target": "integrations/i1",
        },
    ),
    (
        "lambda.AddPermission",
        {
            "FunctionName": "vsl-dev-get-status",
            "Qualifier": "live",
            "StatementId": "api",
            "Action": "lambda:InvokeFunction",
            "Principal": "apigateway.amazonaws.com",
            "SourceArn": f"arn:aws:execute-api:us-east-1:{ACCOUNT}:a1/*",
        },
    ),
)
HTTP = recorded(
    ("apigatewayv2.CreateApi", {"Name": "vsl-dev-api", "ProtocolType": "HTTP"}, {"ApiId": "a1"}),
    (
        "apigatewayv2.CreateIntegration",
        {
            "ApiId": "a1",
            "IntegrationType": "HTTP_PROXY",
            "IntegrationUri": "https://example.com/status",
            "IntegrationMethod": "GET",
            "PayloadFormatVersion": "1.0",
        },
        {"IntegrationId": "i1"},
    ),
)
FILTER = recorded(
    ("logs.CreateLogGroup", {"logGroupName": "/aws/lambda/vsl-dev-authorize"}),
    (
        "logs.PutMetricFilter",
        {
            "logGroupName": "/aws/lambda/vsl-dev-authorize",
            "filterName": "errors",
            "filterPattern": '{ $.level = "ERROR" }',
            "metricTransformations": [
                {
                    "metricName": "Errors",
                    "metricNamespace": "VSL/MediaGeneration",
                    "metricValue": "1",
                    "dimensions": {"Function": "$.function"},
                }
            ],
        },
    ),
)


def metric(name: str) -> dict[str, Any]:
    dimensions = [{"Name": "FunctionName", "Value": "vsl-dev-authorize"}]
    return {
        "Metric": {"Namespace": "AWS/Lambda", "MetricName": name, "Dimensions": dimensions},
        "Period": 300,
        "Stat": "Sum",
    }


MATH = recorded(
    (
        "cloudwatch.PutMetricAlarm",
        {
            "AlarmName": "vsl-dev-error-rate",
            "ComparisonOperator": "GreaterThanThreshold",
            "Threshold": 5.0,
            "EvaluationPeriods": 1,
            "Metrics": [
                {"Id": "rate", "Expression": "100 * errors / invocations", "Label": "Rate", "ReturnData": True},
                {"Id": "errors", "MetricStat": metric("Errors"), "ReturnData": False},
                {"Id": "invocations", "MetricStat": metric("Invocations"), "ReturnData": False},
            ],
        },
    ),
)

PLANTED = [
    planted(
        "a standard dead-letter queue behind FIFO",
        FIFO,
        "queues.dead_letters_have_a_queue",
        (1, "QueueName", "vsl-dev-failed"),
        (1, "Attributes", {}),
        (2, "Attributes.RedrivePolicy", STANDARD_TARGET),
    ),
    planted(
        "deduplication on a standard queue",
        QUEUE,
        "queues.fifo_attributes",
        (1, "Attributes.ContentBasedDeduplication", "true"),
    ),
    planted(
        "a custom route without its authorizer", API, "http_api.route_names_what_exists", (4, "AuthorizerId", REMOVED)
    ),
    planted("payload 2.0 for a web server", HTTP, "http_api.integration_settings", (2, "PayloadFormatVersion", "2.0")),
    planted(
        "dimensions beside a default value",
        FILTER,
        "logs.metric_filter",
        (2, "metricTransformations.0.defaultValue", 0.0),
    ),
    planted("an alarm on two results", MATH, "alarms.one_statistic", (1, "Metrics.1.ReturnData", True)),
    planted("FifoQueue false", QUEUE, "queues.fifo_attributes", (1, "Attributes.FifoQueue", "false")),
    planted(
        "throughput of each group, deduplication of the queue",
        FIFO,
        "queues.fifo_attributes",
        (2, "Attributes.FifoThroughputLimit", "perMessageGroupId"),
    ),
    planted(
        "four dimensions of a metric filter",
        FILTER,
        "logs.metric_filter",
        (2, "metricTransformations.0.dimensions", {name: f"$.{name}" for name in "abcd"}),
    ),
]
