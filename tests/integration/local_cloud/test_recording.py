"""The emulator records every request to AWS, and gives a repeated attempt the first attempt's answer."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from aws_requests.reading import Reading, read_all
from aws_requests.recording import read
from local_cloud import emulator
from local_cloud.aws import Aws

CALL = "3f0e4ae6-6f4c-4b43-a8bd-2a1f4b9a1c11"
HANDLER = """
import boto3
def run(event, context):
    return boto3.client("sts").get_caller_identity()["Arn"]
"""


def recorded(folder: Path) -> Reading:
    return read_all(read(emulator.recording(folder)))


def test_every_request_to_aws_is_recorded_for_its_owner_only(tmp_path: Path) -> None:
    with emulator.emulator_server(tmp_path) as url:
        Aws(url).client("sqs").create_queue(QueueName="recorded")
        assert emulator.recording(tmp_path).stat().st_mode & 0o777 == 0o600
        reading = recorded(tmp_path)
    [request] = reading.requests
    assert (request.name, request.caller, request.status) == ("sqs.CreateQueue", "root", 200)
    assert request.parameters == {"QueueName": "recorded"}
    assert request.answer["QueueUrl"].endswith("/recorded")
    assert reading.unreadable == []


def test_a_functions_request_carries_the_name_of_its_role(tmp_path: Path) -> None:
    with emulator.emulator_server(tmp_path) as url:
        caller = call_a_function(Aws(url))
        reading = recorded(tmp_path)
    assert ":assumed-role/the-role/" in caller
    assert [(one.name, one.caller) for one in reading.requests if one.caller != "root"] == [
        ("sts.GetCallerIdentity", "the-role")
    ]


def test_a_new_emulator_starts_a_new_recording(tmp_path: Path) -> None:
    for _ in range(2):
        with emulator.emulator_server(tmp_path) as url:
            Aws(url).client("sqs").list_queues()
    assert len(recorded(tmp_path).requests) == 1


@pytest.mark.parametrize("attempts", [2, 3])
def test_a_repeated_attempt_gets_the_first_answer(tmp_path: Path, attempts: int) -> None:
    with emulator.emulator_server(tmp_path) as url:
        client = Aws(url).client("apigatewayv2")
        client.meta.events.register("before-send.apigatewayv2", one_call)
        made = [client.create_api(Name="a", ProtocolType="HTTP")["ApiId"] for _ in range(attempts)]
        assert len(Aws(url).client("apigatewayv2").get_apis()["Items"]) == 1
    assert len(set(made)) == 1
    assert recorded(tmp_path).repeats == attempts - 1


def test_an_attempt_after_a_failure_is_carried_out(tmp_path: Path) -> None:
    with emulator.emulator_server(tmp_path) as url:
        client = Aws(url).client("dynamodb")
        client.meta.events.register("before-send.dynamodb", one_call)
        for _ in range(2):
            with pytest.raises(client.exceptions.ResourceNotFoundException):
                client.put_item(TableName="none", Item={"id": {"S": "1"}})
    reading = recorded(tmp_path)
    assert (reading.repeats, len(reading.requests)) == (0, 2)


def one_call(request: Any, **more: Any) -> None:
    """Mark every request as an attempt of the same call before it is sent."""
    request.headers["amz-sdk-invocation-id"] = CALL


def call_a_function(aws: Aws) -> str:
    """Deploy and call a function that asks AWS for its own identity."""
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    role = aws.client("iam").create_role(RoleName="the-role", AssumeRolePolicyDocument=trust)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as zip_file:
        zip_file.writestr("handler.py", HANDLER)
    aws.client("lambda").create_function(
        FunctionName="f",
        Role=role["Role"]["Arn"],
        Runtime="python3.13",
        Handler="handler.run",
        Code={"ZipFile": packed.getvalue()},
        Publish=True,
    )
    aws.client("lambda").create_alias(FunctionName="f", Name="live", FunctionVersion="1")
    answer: str = aws.invoke("f", {})
    return answer
