"""The double of Application Auto Scaling answers as AWS documents."""

from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError

from e2e.auto_scaling import auto_scaling_server

TARGET = {
    "ServiceNamespace": "dynamodb",
    "ResourceId": "table/jobs/index/GSI2",
    "ScalableDimension": "dynamodb:index:ReadCapacityUnits",
}


def test_a_deleted_object_is_not_found(tmp_path: Path) -> None:
    with auto_scaling_server(tmp_path / "auto_scaling") as server:
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
        client = boto3.client("application-autoscaling", endpoint_url=server.url, **keys)
        client.register_scalable_target(**TARGET, MinCapacity=1, MaxCapacity=10)
        client.deregister_scalable_target(**TARGET)
        with pytest.raises(ClientError) as second:
            client.deregister_scalable_target(**TARGET)
        with pytest.raises(ClientError) as policy:
            client.delete_scaling_policy(PolicyName="read", **TARGET)
    assert [each.value.response["Error"]["Code"] for each in (second, policy)] == ["ObjectNotFoundException"] * 2
