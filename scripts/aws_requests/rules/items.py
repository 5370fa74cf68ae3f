"""Items, keys and expressions that DynamoDB refuses.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from moto.dynamodb.parsing.reserved_keywords import ReservedKeywords

from aws_requests.request import Request
from aws_requests.rules.checks import Parameters, Problem, each_request, whole_recording
from aws_requests.rules.item_values import Item, item_size, updated_paths, value_problems
from aws_requests.rules.tables import data_requests, indexes, key_names

_GUIDE = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide"
_API = "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference"
_WRITES = ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems")
_READS = ("GetItem", "BatchGetItem", "TransactGetItems", "Query", "Scan")
_DATA = tuple(f"dynamodb.{operation}" for operation in (*_WRITES, *_READS))
_EXPRESSIONS = (
    "KeyConditionExpression",
    "FilterExpression",
    "ConditionExpression",
    "UpdateExpression",
    "ProjectionExpression",
)
_BYTES = 400 * 1024


@each_request(*_DATA, source=f"{_GUIDE}/Constraints.html")
def values_are_acceptable(parameters: Parameters) -> Iterator[str]:
    for _, item in [*_items(parameters), *_keys(parameters)]:
        for name, value in item.items():
            yield from (f"{name}: {problem}" for problem in value_problems(value))
    for _, item in _items(parameters):
        if item_size(item) > _BYTES:
            yield f"the item has {item_size(item)} bytes; DynamoDB allows {_BYTES}"
    for _, key in _keys(parameters):
        yield from (f"the key {name} is empty" for name, value in key.items() if value in ({"S": ""}, {"B": b""}))
    for operation in _operations(parameters):
        for name, value in (operation.get("ExpressionAttributeValues") or {}).items():
            yield from (f"{name}: {problem}" for problem in value_problems(value))


@whole_recording(source=f"{_GUIDE}/HowItWorks.CoreComponents.html")
def keys_fit_the_table(recording: Sequence[Request]) -> Iterator[Problem]:
    for request, tables in data_requests(recording, *_DATA):
        for table, key in _keys(request.parameters):
            if table in tables and set(key) != set(key_names(tables[table]["KeySchema"])):
                yield request, f"the key has {sorted(key)}, that of {table} is {key_names(tables[table]['KeySchema'])}"
            yield from ((request, problem) for problem in _type_problems(key, tables.get(table)))
        for table, item in _items(request.parameters):
            for name in key_names(tables[table]["KeySchema"]) if table in tables else ():
                if name not in item:
                    yield request, f"the item has no {name}, a key of {table}"
            yield from ((request, problem) for problem in _type_problems(item, tables.get(table)))


def _type_problems(item: Item, table: Parameters | None) -> Iterator[str]:
    """Compare with the types of all keys, those of the indexes as well."""
    for definition in (table or {}).get("AttributeDefinitions") or []:
        name, kind = definition["AttributeName"], definition["AttributeType"]
        if name in item and set(item[name]) != {kind}:
            yield f"{name} is a key and must be of type {kind}"
        elif item.get(name) in ({"S": ""}, {"B": b""}):
            yield f"{name} is a key and must not be empty"


@each_request(*_DATA, source=f"{_GUIDE}/Expressions.ExpressionAttributeNames.html")
def expressions_are_whole(parameters: Parameters) -> Iterator[str]:
    for operation in _operations(parameters):
        given = [operation[name] for name in _EXPRESSIONS if operation.get(name) is not None]
        if any(not text.strip() for text in given):
            yield "an expression must not be empty"
        used = set(re.findall(r"[#:]\w+", " ".join(given)))
        declared = {
            *(operation.get("ExpressionAttributeNames") or {}),
            *(operation.get("ExpressionAttributeValues") or {}),
        }
        for name in sorted(declared - used):
            yield f"{name} is declared and no expression uses it"
        for name in sorted(used - declared):
            yield f"{name} is used and not declared"


@each_request(*_DATA, source=f"{_GUIDE}/ReservedWords.html")
def reserved_words(parameters: Parameters) -> Iterator[str]:
    for operation in _operations(parameters):
        for expression in (operation[name] for name in _EXPRESSIONS if operation.get(name)):
            words = set(re.findall(r"(?<![#:\w])[A-Za-z_]\w*(?!\w*\s*\()", expression))
            for word in sorted(words):
                if word.upper() in _reserved() and word.upper() not in _SYNTAX:
                    yield f"{word!r} is a reserved word: use a name that begins with #"


_SYNTAX = {"SET", "REMOVE", "ADD", "DELETE", "AND", "OR", "NOT", "BETWEEN", "IN"}


@cache
def _reserved() -> frozenset[str]:
    return frozenset(ReservedKeywords.get_reserved_keywords())


@whole_recording(source=f"{_API}/API_UpdateItem.html")
def keys_are_not_updated(recording: Sequence[Request]) -> Iterator[Problem]:
    for request in recording:
        for update in _operations(request.parameters) if request.name in _DATA else ():
            changed = updated_paths(update)
            for key in sorted(set(changed) & set(update.get("Key") or {})):
                yield request, f"{key} is part of the key and cannot be updated"


@each_request(*_DATA, source=f"{_GUIDE}/Expressions.UpdateExpressions.html")
def paths_do_not_overlap(parameters: Parameters) -> Iterator[str]:
    for update in _operations(parameters):
        paths = updated_paths(update)
        for path in sorted(path for path in set(paths) if paths.count(path) > 1):
            yield f"two document paths overlap: {path}"
        for path in sorted(set(paths)):
            if any(other.startswith((f"{path}.", f"{path}[")) for other in paths):
                yield f"two document paths overlap: {path} and a part of it"


@whole_recording(source=f"{_API}/API_Query.html#DDB-Query-request-FilterExpression")
def filters_name_no_keys(recording: Sequence[Request]) -> Iterator[Problem]:
    for request, tables in data_requests(recording, "dynamodb.Query"):
        parameters = request.parameters
        table = tables.get(parameters["TableName"]) or {}
        index = {index["IndexName"]: index for index in indexes(table)}.get(parameters.get("IndexName", ""))
        keys = set(key_names((index or table).get("KeySchema")))
        names = parameters.get("ExpressionAttributeNames") or {}
        used = {
            names.get(word, word) for word in re.findall(r"(?<![:\w])#?\w+", parameters.get("FilterExpression") or "")
        }
        for key in sorted(keys & used):
            yield request, f"the filter names {key}, which is part of the key"


@whole_recording(source=f"{_API}/API_Query.html")
def queries(recording: Sequence[Request]) -> Iterator[Problem]:
    for request, tables in data_requests(recording, "dynamodb.Query", "dynamodb.Scan"):
        parameters = request.parameters
        if parameters.get("Limit", 1) < 1:
            yield request, "Limit is at least 1"
        table = tables.get(parameters["TableName"]) or {}
        index = {index["IndexName"]: index for index in indexes(table)}.get(parameters.get("IndexName", ""))
        local = [index["IndexName"] for index in table.get("LocalSecondaryIndexes") or []]
        if parameters.get("ConsistentRead") and index and index["IndexName"] not in local:
            yield request, "a global secondary index has no consistent reads"
        if table and parameters.get("IndexName") and not index:
            yield request, f"the table has no index {parameters['IndexName']}"
        if table and request.operation == "Query":
            yield from ((request, problem) for problem in _condition_problems(parameters, index or table))


def _condition_problems(parameters: Parameters, part: Mapping[str, Any]) -> Iterator[str]:
    condition = parameters.get("KeyConditionExpression") or ""
    names = {value: name for name, value in (parameters.get("ExpressionAttributeNames") or {}).items()}
    key = part["KeySchema"][0]["AttributeName"]
    if not re.search(rf"(?<!\w)({re.escape(key)}|{re.escape(names.get(key, key))})\s*=", condition):
        yield f"KeyConditionExpression must compare {key} with ="


@each_request(*_DATA, source=f"{_API}/API_BatchWriteItem.html")
def batches_are_small(parameters: Parameters) -> Iterator[str]:
    requests = parameters.get("RequestItems") or {}
    reads = sum(len(part.get("Keys") or []) for part in requests.values() if isinstance(part, dict))
    writes = sum(len(part) for part in requests.values() if isinstance(part, list))
    if reads > 100 or writes > 25:
        yield f"the batch has {reads} reads and {writes} writes; DynamoDB allows 100 and 25"
    if len(parameters.get("TransactItems") or []) > 100:
        yield f"the transaction has {len(parameters['TransactItems'])} operations; DynamoDB allows 100"
    if requests or parameters.get("TransactItems"):
        touched = [json.dumps([table, key], sort_keys=True, default=repr) for table, key in _keys(parameters)]
        if len(set(touched)) < len(touched):
            yield "two operations of a batch or transaction must not touch the same item"


def _operations(parameters: Parameters) -> list[Mapping[str, Any]]:
    """Return the parts of a request that have a table, a key or expressions of their own."""
    if "TransactItems" in parameters:
        return [operation for entry in parameters["TransactItems"] for operation in entry.values()]
    if "RequestItems" in parameters:
        parts = parameters["RequestItems"].values()
        return [part for part in parts if isinstance(part, dict)]
    return [parameters]


def _items(parameters: Parameters) -> Iterator[tuple[str, Item]]:
    for operation in _operations(parameters):
        if "Item" in operation:
            yield operation["TableName"], operation["Item"]
    for table, part in (parameters.get("RequestItems") or {}).items():
        for entry in part if isinstance(part, list) else ():
            if "PutRequest" in entry:
                yield table, entry["PutRequest"]["Item"]


def _keys(parameters: Parameters) -> Iterator[tuple[str, Item]]:
    for operation in _operations(parameters):
        if "Key" in operation:
            yield operation["TableName"], operation["Key"]
    for table, part in (parameters.get("RequestItems") or {}).items():
        for entry in part if isinstance(part, list) else [{"DeleteRequest": {"Key": key}} for key in part["Keys"]]:
            if "DeleteRequest" in entry:
                yield table, entry["DeleteRequest"]["Key"]
