"""Instances, parameter groups and subnet groups that RDS refuses."""

import re
from collections.abc import Iterator, Sequence

from aws_requests.request import Request
from aws_requests.rules.checks import Parameters, Problem, each_request, whole_recording
from aws_requests.rules.history import answered, before, subnet_zones
from aws_requests.rules.policies import attached_policies, find_role
from aws_requests.rules.windows import daily_window, overlap, weekly_window

_GUIDE = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide"
_API = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference"
_CREATE = f"{_API}/API_CreateDBInstance.html"
_INSTANCE = ("rds.CreateDBInstance", "rds.ModifyDBInstance")
_LOGS = {"postgres": {"postgresql", "upgrade", "iam-db-auth-error"}}
_RESERVED_USERS = {"rdsadmin", "rds_superuser", "admin", "user", "postgres_admin", "public", "none"}
_STATIC = {
    "max_connections",
    "shared_buffers",
    "shared_preload_libraries",
    "rds.logical_replication",
    "max_wal_senders",
}
_LEAST_GB = {"gp2": 20, "gp3": 20, "io1": 100, "io2": 100, "standard": 5}


@each_request(*_INSTANCE, source=f"{_GUIDE}/USER_WorkingWithAutomatedBackups.BackupWindow.html")
def windows(parameters: Parameters) -> Iterator[str]:
    texts = parameters.get("PreferredBackupWindow"), parameters.get("PreferredMaintenanceWindow")
    backup = daily_window(texts[0]) if texts[0] else None
    maintenance = weekly_window(texts[1]) if texts[1] else None
    for text, window, form in ((texts[0], backup, "hh:mm-hh:mm"), (texts[1], maintenance, "ddd:hh:mm-ddd:hh:mm")):
        if text and window is None:
            yield f"the window {text!r} must be {form}"
        elif window and window[1] < 30:
            yield f"the window {text!r} is shorter than 30 minutes"
    if backup and maintenance and overlap(backup, maintenance):
        yield f"the backup window {texts[0]} and the maintenance window {texts[1]} overlap"


@each_request(*_INSTANCE, source=_CREATE)
def monitoring(parameters: Parameters) -> Iterator[str]:
    interval = parameters.get("MonitoringInterval")
    if interval is not None and interval not in (0, 1, 5, 10, 15, 30, 60):
        yield f"MonitoringInterval is {interval}; RDS knows 0, 1, 5, 10, 15, 30 and 60"
    if interval and not parameters.get("MonitoringRoleArn"):
        yield "enhanced monitoring needs MonitoringRoleArn"
    if parameters.get("MonitoringRoleArn") and interval == 0:
        yield "MonitoringRoleArn needs a MonitoringInterval"


@whole_recording(source=f"{_GUIDE}/USER_Monitoring.OS.Enabling.html")
def monitoring_role(recording: Sequence[Request]) -> Iterator[Problem]:
    """RDS answers "IAM role ARN value is invalid or does not include the required permissions"."""
    for request in recording:
        arn = request.parameters.get("MonitoringRoleArn") if request.name in _INSTANCE else None
        role = find_role(before(recording, request), arn) if arn else None
        if arn and role:
            if not role.trusts("monitoring.rds.amazonaws.com"):
                yield request, "the monitoring role must trust monitoring.rds.amazonaws.com"
            attached = attached_policies(before(recording, request), arn)
            if not any(policy.endswith("/AmazonRDSEnhancedMonitoringRole") for policy in attached):
                yield request, "the monitoring role needs the policy AmazonRDSEnhancedMonitoringRole"


@each_request("rds.CreateDBInstance", source=_CREATE)
def master_user(parameters: Parameters) -> Iterator[str]:
    password, managed = parameters.get("MasterUserPassword"), parameters.get("ManageMasterUserPassword")
    if password and managed:
        yield "MasterUserPassword must not be given if RDS manages the password"
    if not password and not managed:
        yield "MasterUserPassword or ManageMasterUserPassword is needed"
    if parameters.get("MasterUserSecretKmsKeyId") and not managed:
        yield "MasterUserSecretKmsKeyId needs ManageMasterUserPassword"
    name = parameters.get("MasterUsername") or ""
    if not re.fullmatch(r"[A-Za-z]\w{0,62}", name) or name.lower() in _RESERVED_USERS or name.startswith("pg_"):
        yield f"{name!r} cannot be the master user: a letter, up to 62 letters, digits or '_', no reserved word"
    if not re.fullmatch(r"[A-Za-z]\w{0,62}", parameters.get("DBName") or "postgres"):
        yield f"{parameters['DBName']!r} cannot be a database's name"


@each_request(*_INSTANCE, source=f"{_GUIDE}/CHAP_Storage.html")
def storage(parameters: Parameters) -> Iterator[str]:
    size, kind = parameters.get("AllocatedStorage"), parameters.get("StorageType", "gp2")
    if size is None:
        return
    if not _LEAST_GB.get(kind, 20) <= size <= 65_536:
        yield f"{size} GB of {kind}; RDS allows {_LEAST_GB.get(kind, 20)} to 65536"
    largest = parameters.get("MaxAllocatedStorage")
    if largest and largest < size * 1.1:
        yield f"MaxAllocatedStorage {largest} must be 10 % above AllocatedStorage {size} at least"
    if kind == "gp3" and size < 400 and (parameters.get("Iops") or parameters.get("StorageThroughput")):
        yield "gp3 below 400 GB takes no Iops or StorageThroughput"


@each_request(*_INSTANCE, source=_CREATE)
def insights(parameters: Parameters) -> Iterator[str]:
    days = parameters.get("PerformanceInsightsRetentionPeriod")
    if days is not None and days not in {7, 731, *(31 * months for months in range(1, 24))}:
        yield f"performance insights cannot be kept {days} days: 7, 731, or months of 31"
    if (days or parameters.get("PerformanceInsightsKMSKeyId")) and parameters.get("EnablePerformanceInsights") is False:
        yield "retention and key of performance insights need EnablePerformanceInsights"


@each_request(
    "rds.CreateDBInstance",
    "rds.CreateDBProxy",
    "rds.CreateDBParameterGroup",
    "rds.DeleteDBInstance",
    "rds.CreateDBSnapshot",
    source=_CREATE,
)
def identifiers(parameters: Parameters) -> Iterator[str]:
    limits = {
        "DBInstanceIdentifier": 63,
        "DBProxyName": 63,
        "DBParameterGroupName": 255,
        "FinalDBSnapshotIdentifier": 255,
        "DBSnapshotIdentifier": 255,
    }
    for name, longest in limits.items():
        value = parameters.get(name)
        if value and (len(value) > longest or not re.fullmatch(r"[A-Za-z](-?[A-Za-z0-9])*", value)):
            yield f"{name} {value!r}: a letter, then letters, digits and single hyphens, not one at its end"


@whole_recording(source=f"{_GUIDE}/USER_WorkingWithParamGroups.html")
def parameter_group_fits(recording: Sequence[Request]) -> Iterator[Problem]:
    for request in recording:
        group, version = request.parameters.get("DBParameterGroupName"), request.parameters.get("EngineVersion")
        if request.name != "rds.CreateDBInstance" or not group or not version:
            continue
        family = f"{request.parameters['Engine']}{version.split('.')[0]}"
        for made in answered(before(recording, request), "rds.CreateDBParameterGroup"):
            if made.parameters["DBParameterGroupName"] == group and made.parameters["DBParameterGroupFamily"] != family:
                yield request, f"the parameter group is of {made.parameters['DBParameterGroupFamily']}, not {family}"


@each_request("rds.CreateDBInstance", source=f"{_GUIDE}/USER_LogAccess.Procedural.UploadtoCloudWatch.html")
def log_exports(parameters: Parameters) -> Iterator[str]:
    known = _LOGS.get(parameters["Engine"])
    for name in parameters.get("EnableCloudwatchLogsExports") or []:
        if known and name not in known:
            yield f"{parameters['Engine']} has no log {name!r}, it has {sorted(known)}"


@each_request("rds.ModifyDBParameterGroup", source=f"{_API}/API_ModifyDBParameterGroup.html")
def parameter_changes(parameters: Parameters) -> Iterator[str]:
    given = parameters.get("Parameters") or []
    if not 1 <= len(given) <= 20:
        yield f"{len(given)} parameters; one request changes 1 to 20"
    for parameter in given:
        if parameter["ParameterName"] in _STATIC and parameter.get("ApplyMethod") == "immediate":
            yield f"{parameter['ParameterName']} is static: ApplyMethod must be pending-reboot"


@each_request(*_INSTANCE, source=_CREATE)
def port(parameters: Parameters) -> Iterator[str]:
    number = parameters.get("Port") or parameters.get("DBPortNumber")
    if number is not None and not 1150 <= number <= 65_535:
        yield f"port {number}; RDS allows 1150 to 65535"


@whole_recording(source=f"{_GUIDE}/USER_VPC.WorkingWithRDSInstanceinaVPC.html")
def subnets_are_in_two_zones(recording: Sequence[Request]) -> Iterator[Problem]:
    for request in recording:
        if request.name == "rds.CreateDBSubnetGroup":
            zones = subnet_zones(before(recording, request), request.parameters.get("SubnetIds") or [])
            if zones is not None and len(zones) < 2:
                yield request, "the subnets of a database must be in two zones at least"


@each_request("rds.DeleteDBInstance", source=f"{_API}/API_DeleteDBInstance.html")
def final_snapshot(parameters: Parameters) -> Iterator[str]:
    if bool(parameters.get("SkipFinalSnapshot")) == bool(parameters.get("FinalDBSnapshotIdentifier")):
        yield "FinalDBSnapshotIdentifier is needed if and only if SkipFinalSnapshot is false"


@whole_recording(source=f"{_API}/API_DeleteDBInstance.html")
def protected_instances_stay(recording: Sequence[Request]) -> Iterator[Problem]:
    protected: dict[str, bool] = {}
    for request in recording:
        name = str(request.parameters.get("DBInstanceIdentifier"))
        if request.name in _INSTANCE and request.status < 300:
            protected[name] = request.parameters.get("DeletionProtection", protected.get(name, False))
        elif request.name == "rds.DeleteDBInstance" and protected.get(name):
            yield request, f"the instance {name} is protected from deletion"


@each_request(*_INSTANCE, source=_CREATE)
def backups(parameters: Parameters) -> Iterator[str]:
    days = parameters.get("BackupRetentionPeriod")
    if days is not None and not 0 <= days <= 35:
        yield f"backups are kept {days} days; RDS allows 0 to 35"
