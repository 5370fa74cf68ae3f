"""moto's router and parsers read requests of every protocol correctly, which an upgrade could break."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest

from aws_requests.models import check as check_model
from aws_requests.reading import read, read_all
from aws_requests.signatures import check as check_signature
from contract.aws_requests.exchanges import as_recorded, client_of, exchange

pytestmark = pytest.mark.slow

QUERY_ANSWER = b"""<CreateRoleResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><CreateRoleResult><Role>
<Arn>arn:aws:iam::123456789012:role/r</Arn></Role></CreateRoleResult></CreateRoleResponse>"""
EC2_ANSWER = b"""<CreateVpcResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><vpc><vpcId>vpc-1</vpcId></vpc>
</CreateVpcResponse>"""
TAGS = [{"Key": "Name", "Value": "a b"}]

type Call = Callable[[Any], Any]

# protocol: service, call, answer, name, parameters, a part of the parsed answer
CASES: dict[str, tuple[str, Call, bytes, str, dict[str, Any], dict[str, Any]]] = {
    "query": (
        "iam",
        lambda iam: iam.create_role(RoleName="r", AssumeRolePolicyDocument="{}", MaxSessionDuration=3600, Tags=TAGS),
        QUERY_ANSWER,
        "iam.CreateRole",
        {"RoleName": "r", "AssumeRolePolicyDocument": "{}", "MaxSessionDuration": 3600, "Tags": TAGS},
        {"Role": {"Arn": "arn:aws:iam::123456789012:role/r"}},
    ),
    "query with a flattened list": (
        "rds",
        lambda rds: rds.create_db_subnet_group(
            DBSubnetGroupName="g", DBSubnetGroupDescription="d", SubnetIds=["subnet-1", "subnet-2"]
        ),
        b"",
        "rds.CreateDBSubnetGroup",
        {"DBSubnetGroupName": "g", "DBSubnetGroupDescription": "d", "SubnetIds": ["subnet-1", "subnet-2"]},
        {},
    ),
    "ec2": (
        "ec2",
        lambda ec2: ec2.create_vpc(
            CidrBlock="10.0.0.0/16", TagSpecifications=[{"ResourceType": "vpc", "Tags": TAGS}], DryRun=False
        ),
        EC2_ANSWER,
        "ec2.CreateVpc",
        {"CidrBlock": "10.0.0.0/16", "TagSpecifications": [{"ResourceType": "vpc", "Tags": TAGS}], "DryRun": False},
        {"Vpc": {"VpcId": "vpc-1"}},
    ),
    "json": (
        "dynamodb",
        lambda table: table.put_item(TableName="jobs", Item={"id": {"S": "1"}, "seen": {"B": b"\x00\xff"}}),
        b"{}",
        "dynamodb.PutItem",
        {"TableName": "jobs", "Item": {"id": {"S": "1"}, "seen": {"B": b"\x00\xff"}}},
        {},
    ),
    "json of the newer SQS": (
        "sqs",
        lambda sqs: sqs.create_queue(QueueName="q", Attributes={"DelaySeconds": "5"}),
        b'{"QueueUrl": "http://127.0.0.1:4566/000000000000/q"}',
        "sqs.CreateQueue",
        {"QueueName": "q", "Attributes": {"DelaySeconds": "5"}},
        {"QueueUrl": "http://127.0.0.1:4566/000000000000/q"},
    ),
    "json of a service with several protocols": (
        "cloudwatch",
        lambda watch: watch.delete_alarms(AlarmNames=["a", "b"]),
        b"{}",
        "cloudwatch.DeleteAlarms",
        {"AlarmNames": ["a", "b"]},
        {},
    ),
    "rest-json": (
        "lambda",
        lambda functions: functions.create_alias(FunctionName="f", Name="live", FunctionVersion="1"),
        b'{"AliasArn": "arn:aws:lambda:us-east-1:123456789012:function:f:live"}',
        "lambda.CreateAlias",
        {"FunctionName": "f", "Name": "live", "FunctionVersion": "1"},
        {"AliasArn": "arn:aws:lambda:us-east-1:123456789012:function:f:live"},
    ),
    "rest-json with members in lower case": (
        "apigatewayv2",
        lambda api: api.create_route(ApiId="a1", RouteKey="GET /status/{jobId}", AuthorizationType="CUSTOM"),
        b'{"routeId": "r1"}',
        "apigatewayv2.CreateRoute",
        {"ApiId": "a1", "RouteKey": "GET /status/{jobId}", "AuthorizationType": "CUSTOM"},
        {"RouteId": "r1"},
    ),
    "rest-xml": (
        "s3",
        lambda s3: s3.put_bucket_versioning(Bucket="b", VersioningConfiguration={"Status": "Enabled"}),
        b"",
        "s3.PutBucketVersioning",
        {"Bucket": "b", "VersioningConfiguration": {"Status": "Enabled"}},
        {},
    ),
    "rest-xml with a key and a body": (
        "s3",
        lambda s3: s3.get_object(Bucket="b", Key="images/a b/ü.webp", Range="bytes=0-1"),
        b"\xff\xd8",
        "s3.GetObject",
        {"Bucket": "b", "Key": "images/a b/ü.webp", "Range": "bytes=0-1"},
        {},
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_request_is_read_as_it_was_meant(case: tuple[str, Call, bytes, str, dict[str, Any], dict[str, Any]]) -> None:
    service, call, answer, name, parameters, answered = case
    sent = exchange(service, call, answer)
    request = read(7, sent)
    assert (request.number, request.name, request.region) == (7, name, "us-east-1")
    assert without_checksums(request.parameters) == parameters
    assert answered.items() <= {key: value for key, value in request.answer.items() if key != "Body"}.items()
    assert [str(finding) for finding in check_model(request)] == []
    assert [str(finding) for finding in check_signature(request, sent)] == []


def without_checksums(parameters: Any) -> dict[str, Any]:
    """Remove the checksums that boto3 adds to S3 requests by default."""
    return {name: value for name, value in parameters.items() if not name.startswith(("Checksum", "ContentMD5"))}


def test_times_are_read_as_times() -> None:
    sent = exchange("logs", lambda logs: logs.get_log_events(logGroupName="g", logStreamName="s", startTime=1))
    assert read(1, sent).parameters["startTime"] == 1
    moment = datetime(2026, 1, 2, 3, 4, 5)
    watched = exchange(
        "cloudwatch",
        lambda watch: watch.get_metric_statistics(
            Namespace="n", MetricName="m", StartTime=moment, EndTime=moment, Period=60, Statistics=["Sum"]
        ),
    )
    assert read(1, watched).parameters["StartTime"] == moment


def test_a_presigned_link_is_a_request_too() -> None:
    client = client_of("s3")
    link = client.generate_presigned_url("get_object", Params={"Bucket": "b", "Key": "a b.webp"}, ExpiresIn=900)
    sent = as_recorded(AWSPreparedRequest("GET", link, {}, b"", False), b"\xff", 200)
    request = read(1, sent)
    assert (request.name, request.parameters["Key"]) == ("s3.GetObject", "a b.webp")
    assert list(check_signature(request, sent)) == []


def test_a_request_that_no_operation_has_is_reported() -> None:
    sent = exchange("lambda", lambda functions: functions.list_functions())
    reading = read_all([replace(sent, path="/2015-03-31/functionz"), sent])
    assert [request.number for request in reading.requests] == [2]
    [finding] = reading.unreadable
    assert (finding.rule, finding.request.number, finding.request.service) == ("unreadable", 1, "lambda")
