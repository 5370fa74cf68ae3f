"""The job table on an emulator, with Terraform's keys and indexes."""

from typing import Any

INDEXES = {"userId": "GSI1", "replicateId": "GSI2"}


def create_job_table(dynamodb: Any, name: str) -> None:
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in ("jobId", "timestamp", *INDEXES)],
        KeySchema=_schema("jobId"),
        GlobalSecondaryIndexes=[
            {"IndexName": index, "KeySchema": _schema(key), "Projection": {"ProjectionType": "ALL"}}
            for key, index in INDEXES.items()
        ],
    )


def _schema(partition_key: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": partition_key, "KeyType": "HASH"},
        {"AttributeName": "timestamp", "KeyType": "RANGE"},
    ]
