"""Mistakes in DynamoDB tables and items."""

from unit.aws_requests.planted.planting import planted, recorded

KEY = {"jobId": {"S": "j1"}, "timestamp": {"S": "2026-11-30T12:00:00.000Z"}}
ITEM = {**KEY, "userId": {"S": "u1"}, "costs": {"N": "0.25"}, "labels": {"SS": ["a", "b"]}, "note": {"S": ""}}
INDEX = {
    "IndexName": "GSI1",
    "KeySchema": [{"AttributeName": "userId", "KeyType": "HASH"}],
    "Projection": {"ProjectionType": "ALL"},
}

TABLE = recorded(
    (
        "dynamodb.CreateTable",
        {
            "TableName": "jobs",
            "AttributeDefinitions": [
                {"AttributeName": name, "AttributeType": "S"} for name in ("jobId", "timestamp", "userId")
            ],
            "KeySchema": [
                {"AttributeName": "jobId", "KeyType": "HASH"},
                {"AttributeName": "timestamp", "KeyType": "RANGE"},
            ],
            "GlobalSecondaryIndexes": [INDEX],
            "BillingMode": "PAY_PER_REQUEST",
            "SSESpecification": {"Enabled": False},
            "DeletionProtectionEnabled": True,
        },
    ),
    (
        "dynamodb.UpdateTimeToLive",
        {"TableName": "jobs", "TimeToLiveSpecification": {"Enabled": True, "AttributeName": "expiresAt"}},
    ),
    ("dynamodb.PutItem", {"TableName": "jobs", "Item": ITEM}),
    (
        "dynamodb.UpdateItem",
        {
            "TableName": "jobs",
            "Key": KEY,
            "UpdateExpression": "SET #status = :status, runs = runs + :one",
            "ConditionExpression": "attribute_exists(jobId) AND #status <> :status",
            "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": {":status": {"S": "done"}, ":one": {"N": "1"}},
        },
    ),
    (
        "dynamodb.Query",
        {
            "TableName": "jobs",
            "IndexName": "GSI1",
            "KeyConditionExpression": "userId = :user",
            "ExpressionAttributeValues": {":user": {"S": "u1"}},
            "Limit": 10,
        },
    ),
    ("dynamodb.BatchGetItem", {"RequestItems": {"jobs": {"Keys": [KEY]}}}),
    ("dynamodb.BatchWriteItem", {"RequestItems": {"jobs": [{"PutRequest": {"Item": ITEM}}]}}),
    ("dynamodb.TransactWriteItems", {"TransactItems": [{"Put": {"TableName": "jobs", "Item": ITEM}}]}),
    ("dynamodb.GetItem", {"TableName": "jobs", "Key": KEY}),
    ("dynamodb.UpdateTable", {"TableName": "jobs", "DeletionProtectionEnabled": False}),
    ("dynamodb.DeleteTable", {"TableName": "jobs"}),
)
KEYS = [{**KEY, "jobId": {"S": f"j{n}"}} for n in range(101)]
_ITEM = "items.values_are_acceptable"
_EXPRESSION = "items.expressions_are_whole"
_BATCH = "items.batches_are_small"

PLANTED = [
    planted("table name with a slash", TABLE, "tables.names", (1, "TableName", "vsl/jobs")),
    planted(
        "attribute that is no key",
        TABLE,
        "tables.attributes_are_the_keys",
        (1, "AttributeDefinitions.2.AttributeName", "status"),
    ),
    planted(
        "index without its attribute",
        TABLE,
        "tables.attributes_are_the_keys",
        (1, "AttributeDefinitions", [{"AttributeName": n, "AttributeType": "S"} for n in ("jobId", "timestamp")]),
    ),
    planted("two hash keys", TABLE, "tables.key_schemas", (1, "KeySchema.1.KeyType", "HASH")),
    planted("the same index twice", TABLE, "tables.key_schemas", (1, "GlobalSecondaryIndexes", [INDEX, INDEX])),
    planted(
        "index that includes nothing",
        TABLE,
        "tables.projections",
        (1, "GlobalSecondaryIndexes.0.Projection", {"ProjectionType": "INCLUDE"}),
    ),
    planted(
        "capacity on demand",
        TABLE,
        "tables.capacity_fits_the_billing",
        (1, "ProvisionedThroughput", {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}),
    ),
    planted(
        "provisioned without capacity", TABLE, "tables.capacity_fits_the_billing", (1, "BillingMode", "PROVISIONED")
    ),
    planted(
        "key without encryption by KMS",
        TABLE,
        "tables.encryption",
        (1, "SSESpecification", {"Enabled": False, "KMSMasterKeyId": "k1"}),
    ),
    planted(
        "time to live by no attribute", TABLE, "tables.time_to_live", (2, "TimeToLiveSpecification.AttributeName", "")
    ),
    planted("protected table deleted", TABLE, "tables.protected_tables_stay", (10, "DeletionProtectionEnabled", True)),
    planted("empty key", TABLE, _ITEM, (9, "Key.jobId", {"S": ""})),
    planted("empty key of an index", TABLE, "items.keys_fit_the_table", (3, "Item.userId", {"S": ""})),
    planted("item without its sort key", TABLE, "items.keys_fit_the_table", (3, "Item", {"jobId": {"S": "j1"}})),
    planted("key of a number", TABLE, "items.keys_fit_the_table", (9, "Key.jobId", {"N": "1"})),
    planted("key with too many attributes", TABLE, "items.keys_fit_the_table", (9, "Key.userId", {"S": "u1"})),
    planted("number that is none", TABLE, _ITEM, (3, "Item.costs", {"N": "0,25"})),
    planted("number of 40 digits", TABLE, _ITEM, (3, "Item.costs", {"N": "1" * 40})),
    planted("empty set", TABLE, _ITEM, (3, "Item.labels", {"SS": []})),
    planted("set with a value twice", TABLE, _ITEM, (3, "Item.labels", {"SS": ["a", "a"]})),
    planted("item of 500 KB", TABLE, _ITEM, (3, "Item.note", {"S": "n" * 500_000})),
    planted(
        "reserved word",
        TABLE,
        "items.reserved_words",
        (4, "UpdateExpression", "SET #status = :status, runs = runs + :one, owner = :one"),
    ),
    planted(
        "unused value",
        TABLE,
        _EXPRESSION,
        (4, "ExpressionAttributeValues", {":status": {"S": "d"}, ":one": {"N": "1"}, ":two": {"N": "2"}}),
    ),
    planted("unused name", TABLE, _EXPRESSION, (4, "ExpressionAttributeNames", {"#status": "status", "#old": "old"})),
    planted("value that is not given", TABLE, _EXPRESSION, (4, "ExpressionAttributeValues", {":status": {"S": "d"}})),
    planted("empty condition", TABLE, _EXPRESSION, (4, "ConditionExpression", "")),
    planted(
        "update of a key",
        TABLE,
        "items.keys_are_not_updated",
        (4, "UpdateExpression", "SET #status = :status, jobId = :one"),
    ),
    planted("query of no key", TABLE, "items.queries", (5, "KeyConditionExpression", "begins_with(userId, :user)")),
    planted("consistent read of an index", TABLE, "items.queries", (5, "ConsistentRead", True)),
    planted("query for no item", TABLE, "items.queries", (5, "Limit", 0)),
    planted("batch of 101 reads", TABLE, _BATCH, (6, "RequestItems.jobs.Keys", KEYS)),
    planted(
        "batch of 26 writes",
        TABLE,
        _BATCH,
        (7, "RequestItems.jobs", [{"DeleteRequest": {"Key": key}} for key in KEYS[:26]]),
    ),
    planted("batch with an item twice", TABLE, _BATCH, (6, "RequestItems.jobs.Keys", [KEY, KEY])),
    planted(
        "transaction of 101 writes",
        TABLE,
        _BATCH,
        (8, "TransactItems", [{"Delete": {"TableName": "jobs", "Key": key}} for key in KEYS]),
    ),
    planted(
        "transaction with an item twice",
        TABLE,
        _BATCH,
        (8, "TransactItems", [{"Delete": {"TableName": "jobs", "Key": KEY}}] * 2),
    ),
]
