"""Replication groups that ElastiCache refuses."""

import re
from collections.abc import Iterator, Sequence

from aws_requests.request import Request
from aws_requests.rules.checks import Parameters, Problem, each_request, whole_recording
from aws_requests.rules.history import answered, before
from aws_requests.rules.windows import daily_window, overlap, weekly_window

_GUIDE = "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg"
_API = "https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference"
_CREATE = "elasticache.CreateReplicationGroup"
_GROUP = (_CREATE, "elasticache.ModifyReplicationGroup")


@each_request(_CREATE, source=f"{_GUIDE}/AutoFailover.html")
def failover(parameters: Parameters) -> Iterator[str]:
    nodes = parameters.get("NumCacheClusters") or 1 + (parameters.get("ReplicasPerNodeGroup") or 0)
    automatic = parameters.get("AutomaticFailoverEnabled")
    if automatic and nodes < 2:
        yield "automatic failover needs a replica: two nodes at least"
    if parameters.get("MultiAZEnabled") and not automatic:
        yield "MultiAZEnabled needs AutomaticFailoverEnabled"
    if (parameters.get("NumNodeGroups") or 1) > 1 and not automatic:
        yield "several node groups need AutomaticFailoverEnabled"


@each_request(_CREATE, source=f"{_GUIDE}/Clusters.RBAC.html")
def encryption(parameters: Parameters) -> Iterator[str]:
    for name in ("UserGroupIds", "AuthToken", "TransitEncryptionMode"):
        if parameters.get(name) and not parameters.get("TransitEncryptionEnabled"):
            yield f"{name} needs TransitEncryptionEnabled"
    if parameters.get("KmsKeyId") and not parameters.get("AtRestEncryptionEnabled"):
        yield "KmsKeyId needs AtRestEncryptionEnabled"
    if parameters.get("UserGroupIds") and parameters.get("AuthToken"):
        yield "a cache has either user groups or an AuthToken"


@each_request(_CREATE, source=f"{_API}/API_CreateReplicationGroup.html")
def ids(parameters: Parameters) -> Iterator[str]:
    name = parameters["ReplicationGroupId"]
    if len(name) > 40 or not re.fullmatch(r"[A-Za-z](-?[A-Za-z0-9])*", name):
        yield f"{name!r}: a letter, then up to 39 letters, digits and single hyphens, not one at its end"


@each_request(*_GROUP, source=f"{_API}/API_CreateReplicationGroup.html")
def snapshots_and_maintenance(parameters: Parameters) -> Iterator[str]:
    kept = parameters.get("SnapshotRetentionLimit")
    if kept is not None and not 0 <= kept <= 35:
        yield f"snapshots are kept {kept} days; ElastiCache allows 0 to 35"
    maintenance = parameters.get("PreferredMaintenanceWindow")
    window = weekly_window(maintenance) if maintenance else None
    if maintenance and (window is None or window[1] < 60):
        yield f"the window {maintenance!r} must be written as in sun:05:00-sun:06:00 and last an hour at least"
    snapshot = parameters.get("SnapshotWindow")
    daily = daily_window(snapshot) if snapshot else None
    if snapshot and (daily is None or daily[1] < 60):
        yield f"the window {snapshot!r} must be written as in 03:00-04:00 and last an hour at least"
    if daily and window and overlap(daily, window):
        yield f"the snapshot window {snapshot} and the maintenance window {maintenance} overlap"


@whole_recording(source=f"{_GUIDE}/ParameterGroups.Engine.html")
def parameter_group_fits(recording: Sequence[Request]) -> Iterator[Problem]:
    for request in recording:
        group, version = request.parameters.get("CacheParameterGroupName"), request.parameters.get("EngineVersion")
        if request.name != _CREATE or not group or not version:
            continue
        family = _family(request.parameters.get("Engine", "redis"), version)
        for made in answered(before(recording, request), "elasticache.CreateCacheParameterGroup"):
            actual = made.parameters["CacheParameterGroupFamily"]
            if made.parameters["CacheParameterGroupName"] == group and actual != family:
                yield request, f"the parameter group is of {actual}, the cache of {family}"


def _family(engine: str, version: str) -> str:
    major = version.split(".")[0]
    return "redis6.x" if (engine, major) == ("redis", "6") else f"{engine}{major}"


@each_request(*_GROUP, source=f"{_GUIDE}/Log_Delivery.html")
def log_delivery(parameters: Parameters) -> Iterator[str]:
    details = {
        "cloudwatch-logs": ("CloudWatchLogsDetails", "LogGroup"),
        "kinesis-firehose": ("KinesisFirehoseDetails", "DeliveryStream"),
    }
    for log in parameters.get("LogDeliveryConfigurations") or []:
        if log.get("Enabled") is False:
            continue
        if log.get("LogType") not in ("slow-log", "engine-log"):
            yield f"{log.get('LogType')!r} is not a log of a cache: slow-log or engine-log"
        if log.get("LogFormat", "json") not in ("json", "text"):
            yield f"the log format {log['LogFormat']!r} is neither json nor text"
        name, member = details.get(log.get("DestinationType", ""), ("", ""))
        if not ((log.get("DestinationDetails") or {}).get(name) or {}).get(member):
            yield "a log needs a destination of the type it names"
