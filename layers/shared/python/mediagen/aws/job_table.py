"""The realtime job table: one item per job, replaced only by a newer revision of it."""

from collections.abc import Iterable, Mapping
from typing import Any

from mediagen.aws.attribute_values import marshal_item, unmarshal, unmarshal_item
from mediagen.aws.client import call, pause_before
from mediagen.aws.errors import AwsError
from mediagen.aws.settings import Aws

# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
MOST_KEYS = 100
# DynamoDB leaves keys out when it is throttled; each round asks for the rest only.
BATCH_ROUNDS = 5
# Keys of the table's indexes: DynamoDB refuses null for these, so a missing one is left out.
INDEX_KEYS = ("userId", "replicateId")

# A job's id and its timestamp, which is the id's own time.
type Key = tuple[str, str]


class JobTable:
    """One table of items with `jobId`, `timestamp` and a `revision` that grows."""

    def __init__(self, aws: Aws, name: str) -> None:
        self.aws = aws
        self.name = name

    def put(self, item: Mapping[str, Any]) -> bool:
        """Store an item; False when this revision or a newer one is there already."""
        stored = {name: value for name, value in item.items() if value is not None or name not in INDEX_KEYS}
        request = {
            "TableName": self.name,
            "Item": marshal_item(stored),
            "ConditionExpression": "attribute_not_exists(jobId) OR #revision < :revision",
            "ExpressionAttributeNames": {"#revision": "revision"},
            "ExpressionAttributeValues": marshal_item({":revision": item["revision"]}),
        }
        try:
            call(self.aws, "dynamodb", "PutItem", request)
        except AwsError as error:
            if not error.is_conditional_check_failed:
                raise
            return False
        return True

    def get(self, job_id: str, timestamp: str) -> dict[str, Any] | None:
        """Return a job's item, or None."""
        # Consistent, because the answer goes into the cache: a stale one would be shown for minutes.
        request = {"TableName": self.name, "Key": _key((job_id, timestamp)), "ConsistentRead": True}
        item = call(self.aws, "dynamodb", "GetItem", request).get("Item")
        return None if item is None else dict.fromkeys(INDEX_KEYS) | unmarshal_item(item)

    def revisions(self, keys: Iterable[Key]) -> dict[str, int]:
        """Return the stored revision of each job that is there, for up to 100 keys."""
        wanted = [_key(key) for key in dict.fromkeys(keys)]
        if len(wanted) > MOST_KEYS:
            raise ValueError(f"{len(wanted)} keys; a batch has at most {MOST_KEYS}")
        found: dict[str, int] = {}
        for attempt in range(1, BATCH_ROUNDS + 1):
            if wanted:
                revisions, wanted = self._read(wanted)
                found |= revisions
            if not wanted:
                return found
            self.aws.sleep(pause_before(attempt, self.aws))
        raise AwsError("ThrottlingException", 200, f"{len(wanted)} keys were left unprocessed")

    def _read(self, keys: list[dict[str, Any]]) -> tuple[dict[str, int], list[dict[str, Any]]]:
        table = {
            "Keys": keys,
            "ProjectionExpression": "jobId, #revision",
            "ExpressionAttributeNames": {"#revision": "revision"},
        }
        answer = call(self.aws, "dynamodb", "BatchGetItem", {"RequestItems": {self.name: table}})
        items = answer["Responses"].get(self.name, [])
        left = answer.get("UnprocessedKeys", {}).get(self.name, {}).get("Keys", [])
        return {unmarshal(item["jobId"]): unmarshal(item["revision"]) for item in items}, left


def _key(key: Key) -> dict[str, Any]:
    job_id, timestamp = key
    return marshal_item({"jobId": job_id, "timestamp": timestamp})
