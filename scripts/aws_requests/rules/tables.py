"""Tables that DynamoDB refuses."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from aws_requests.request import Request
from aws_requests.rules.checks import Parameters, Problem, each_request, whole_recording
from aws_requests.rules.history import answered

_API = "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference"
_CREATE = f"{_API}/API_CreateTable.html"
_INDEXES = ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")


def key_names(schema: Sequence[Mapping[str, str]] | None) -> list[str]:
    return [element["AttributeName"] for element in schema or []]


def indexes(parameters: Parameters) -> list[Mapping[str, Any]]:
    return [index for kind in _INDEXES for index in parameters.get(kind) or []]


@each_request("dynamodb.CreateTable", source=_CREATE)
def names(parameters: Parameters) -> Iterator[str]:
    for name in [parameters["TableName"], *(index["IndexName"] for index in indexes(parameters))]:
        if not re.fullmatch(r"[A-Za-z0-9_.-]{3,255}", name):
            yield f"the name {name!r} must be 3 to 255 letters, digits, '_', '-' or '.'"


@each_request("dynamodb.CreateTable", source=_CREATE)
def attributes_are_the_keys(parameters: Parameters) -> Iterator[str]:
    defined = {definition["AttributeName"] for definition in parameters.get("AttributeDefinitions") or []}
    used = {name for part in [parameters, *indexes(parameters)] for name in key_names(part.get("KeySchema"))}
    for name in sorted(used - defined):
        yield f"the key attribute {name!r} is not defined"
    for name in sorted(defined - used):
        yield f"the attribute {name!r} is defined and no key uses it"


@each_request("dynamodb.CreateTable", source=_CREATE)
def key_schemas(parameters: Parameters) -> Iterator[str]:
    for part in [parameters, *indexes(parameters)]:
        types = [element["KeyType"] for element in part.get("KeySchema") or []]
        if types not in (["HASH"], ["HASH", "RANGE"]):
            yield f"the key of {part.get('IndexName', 'the table')} is {types}, not HASH or HASH and RANGE"
    given = [index["IndexName"] for index in indexes(parameters)]
    if len(set(given)) < len(given):
        yield "two indexes have the same name"
    if len(parameters.get("GlobalSecondaryIndexes") or []) > 20:
        yield "a table has at most 20 global secondary indexes"


@each_request("dynamodb.CreateTable", source=f"{_API}/API_Projection.html")
def projections(parameters: Parameters) -> Iterator[str]:
    for index in indexes(parameters):
        projection = index.get("Projection") or {}
        if (projection.get("ProjectionType") == "INCLUDE") != bool(projection.get("NonKeyAttributes")):
            yield f"{index['IndexName']}: ProjectionType INCLUDE and NonKeyAttributes belong together"


@each_request("dynamodb.CreateTable", source=_CREATE)
def capacity_fits_the_billing(parameters: Parameters) -> Iterator[str]:
    on_demand = parameters.get("BillingMode") == "PAY_PER_REQUEST"
    for part in [parameters, *(parameters.get("GlobalSecondaryIndexes") or [])]:
        label, capacity = part.get("IndexName", "the table"), part.get("ProvisionedThroughput")
        if on_demand and capacity:
            yield f"{label} has capacity, which BillingMode PAY_PER_REQUEST excludes"
        elif not on_demand and not capacity:
            yield f"{label} needs ProvisionedThroughput if BillingMode is PROVISIONED"
        elif capacity and min(capacity.values()) < 1:
            yield f"{label}: capacity is at least 1"


@each_request("dynamodb.CreateTable", "dynamodb.UpdateTable", source=f"{_API}/API_SSESpecification.html")
def encryption(parameters: Parameters) -> Iterator[str]:
    settings = parameters.get("SSESpecification") or {}
    if settings.get("KMSMasterKeyId") and not settings.get("Enabled"):
        yield "KMSMasterKeyId needs Enabled"
    if settings.get("SSEType", "KMS") != "KMS":
        yield f"SSEType is {settings['SSEType']!r}; DynamoDB supports KMS only"


@each_request("dynamodb.UpdateTimeToLive", source=f"{_API}/API_TimeToLiveSpecification.html")
def time_to_live(parameters: Parameters) -> Iterator[str]:
    if not 1 <= len(parameters["TimeToLiveSpecification"].get("AttributeName", "")) <= 255:
        yield "the attribute of the time to live has 1 to 255 characters"


@whole_recording(source=f"{_API}/API_DeleteTable.html")
def protected_tables_stay(recording: Sequence[Request]) -> Iterator[Problem]:
    protected: dict[str, bool] = {}
    for request in recording:
        table = str(request.parameters.get("TableName"))
        if request.name in ("dynamodb.CreateTable", "dynamodb.UpdateTable") and request.status < 300:
            protected[table] = request.parameters.get("DeletionProtectionEnabled", protected.get(table, False))
        elif request.name == "dynamodb.DeleteTable" and protected.get(table):
            yield request, f"the table {table} is protected from deletion"


@whole_recording(source=f"{_API}/API_UpdateTimeToLive.html")
def time_to_live_is_changed(recording: Sequence[Request]) -> Iterator[Problem]:
    enabled: dict[str, bool] = {}
    for request in answered(recording, "dynamodb.UpdateTimeToLive", "dynamodb.DeleteTable"):
        table = request.parameters["TableName"]
        if request.operation == "DeleteTable":
            enabled.pop(table, None)
            continue
        wanted = request.parameters["TimeToLiveSpecification"]["Enabled"]
        if enabled.get(table, False) == wanted:
            yield request, f"TimeToLive is already {'enabled' if wanted else 'disabled'}"
        enabled[table] = wanted


@each_request("dynamodb.UpdateTable", source=f"{_API}/API_UpdateTable.html")
def one_index_at_a_time(parameters: Parameters) -> Iterator[str]:
    changes = [kind for change in parameters.get("GlobalSecondaryIndexUpdates") or [] for kind in change]
    if len([kind for kind in changes if kind in ("Create", "Delete")]) > 1:
        yield "one request creates or deletes one index only"


type Tables = Mapping[str, Parameters]


def data_requests(recording: Sequence[Request], *names: str) -> Iterator[tuple[Request, Tables]]:
    """Yield the named requests, each with the tables that exist then and the parameters they were created with."""
    tables: dict[str, Parameters] = {}
    for request in recording:
        if request.name in names:
            yield request, tables
        elif request.name == "dynamodb.CreateTable" and request.status < 300:
            tables[request.parameters["TableName"]] = request.parameters
