"""Mistakes in databases and proxies."""

import json
from typing import Any

from unit.aws_requests.planted.planting import ACCOUNT, REMOVED, planted, recorded


def trust(service: str) -> str:
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}],
        }
    )


SECRET = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:vsl/database-proxy-login-AbCdEf"
READ_LOGIN = {"Effect": "Allow", "Action": ["secretsmanager:GetSecretValue"], "Resource": [SECRET]}


def subnet(name: str, zone: str) -> tuple[str, dict[str, Any], dict[str, Any]]:
    return ("ec2.CreateSubnet", {"VpcId": "vpc-1", "AvailabilityZone": zone}, {"Subnet": {"SubnetId": name}})


DATABASE = recorded(
    ("iam.CreateRole", {"RoleName": "monitoring", "AssumeRolePolicyDocument": trust("monitoring.rds.amazonaws.com")}),
    (
        "iam.AttachRolePolicy",
        {
            "RoleName": "monitoring",
            "PolicyArn": "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole",
        },
    ),
    subnet("subnet-a", "us-east-1a"),
    subnet("subnet-b", "us-east-1b"),
    ("rds.CreateDBSubnetGroup", {"DBSubnetGroupName": "vsl-database", "SubnetIds": ["subnet-a", "subnet-b"]}),
    (
        "rds.CreateDBParameterGroup",
        {"DBParameterGroupName": "vsl-database-postgres17", "DBParameterGroupFamily": "postgres17"},
    ),
    (
        "rds.ModifyDBParameterGroup",
        {
            "DBParameterGroupName": "vsl-database-postgres17",
            "Parameters": [{"ParameterName": "log_lock_waits", "ParameterValue": "1", "ApplyMethod": "immediate"}],
        },
    ),
    (
        "rds.CreateDBInstance",
        {
            "DBInstanceIdentifier": "vsl-database",
            "DBInstanceClass": "db.t4g.micro",
            "Engine": "postgres",
            "EngineVersion": "17",
            "DBName": "vsl",
            "MasterUsername": "vsl_owner",
            "ManageMasterUserPassword": True,
            "DBSubnetGroupName": "vsl-database",
            "DBParameterGroupName": "vsl-database-postgres17",
            "StorageType": "gp3",
            "AllocatedStorage": 20,
            "MaxAllocatedStorage": 100,
            "StorageEncrypted": True,
            "PreferredBackupWindow": "03:00-04:00",
            "PreferredMaintenanceWindow": "sun:05:00-sun:06:00",
            "BackupRetentionPeriod": 7,
            "Port": 5432,
            "EnablePerformanceInsights": True,
            "PerformanceInsightsRetentionPeriod": 7,
            "MonitoringInterval": 60,
            "MonitoringRoleArn": f"arn:aws:iam::{ACCOUNT}:role/monitoring",
            "EnableCloudwatchLogsExports": ["postgresql", "upgrade", "iam-db-auth-error"],
            "DeletionProtection": False,
        },
    ),
    ("iam.CreateRole", {"RoleName": "proxy", "AssumeRolePolicyDocument": trust("rds.amazonaws.com")}),
    (
        "iam.PutRolePolicy",
        {
            "RoleName": "proxy",
            "PolicyName": "proxy",
            "PolicyDocument": json.dumps({"Version": "2012-10-17", "Statement": [READ_LOGIN]}),
        },
    ),
    (
        "rds.CreateDBProxy",
        {
            "DBProxyName": "vsl-database",
            "EngineFamily": "POSTGRESQL",
            "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/proxy",
            "RequireTLS": True,
            "VpcSubnetIds": ["subnet-a", "subnet-b"],
            "Auth": [{"AuthScheme": "SECRETS", "IAMAuth": "REQUIRED", "SecretArn": SECRET}],
            "IdleClientTimeout": 1800,
        },
    ),
    (
        "rds.ModifyDBProxyTargetGroup",
        {
            "DBProxyName": "vsl-database",
            "TargetGroupName": "default",
            "ConnectionPoolConfig": {
                "MaxConnectionsPercent": 90,
                "MaxIdleConnectionsPercent": 50,
                "ConnectionBorrowTimeout": 5,
            },
        },
    ),
    (
        "rds.DeleteDBInstance",
        {
            "DBInstanceIdentifier": "vsl-database",
            "SkipFinalSnapshot": False,
            "FinalDBSnapshotIdentifier": "vsl-database-final",
        },
    ),
)

PLANTED = [
    planted(
        "backup in the maintenance window", DATABASE, "databases.windows", (8, "PreferredBackupWindow", "05:30-06:30")
    ),
    planted("backup window of 15 minutes", DATABASE, "databases.windows", (8, "PreferredBackupWindow", "03:00-03:15")),
    planted("maintenance on no day", DATABASE, "databases.windows", (8, "PreferredMaintenanceWindow", "05:00-06:00")),
    planted("monitoring every 20 seconds", DATABASE, "databases.monitoring", (8, "MonitoringInterval", 20)),
    planted("monitoring without a role", DATABASE, "databases.monitoring", (8, "MonitoringRoleArn", REMOVED)),
    planted("monitoring role without rights", DATABASE, "databases.monitoring_role", (2, "", 400)),
    planted(
        "monitoring role of another service",
        DATABASE,
        "databases.monitoring_role",
        (1, "AssumeRolePolicyDocument", trust("rds.amazonaws.com")),
    ),
    planted(
        "password beside a managed one", DATABASE, "databases.master_user", (8, "MasterUserPassword", "correct-horse")
    ),
    planted("no password at all", DATABASE, "databases.master_user", (8, "ManageMasterUserPassword", REMOVED)),
    planted("reserved user name", DATABASE, "databases.master_user", (8, "MasterUsername", "rdsadmin")),
    planted("10 GB of gp3", DATABASE, "databases.storage", (8, "AllocatedStorage", 10)),
    planted("storage that may not grow", DATABASE, "databases.storage", (8, "MaxAllocatedStorage", 20)),
    planted("own IOPS for little storage", DATABASE, "databases.storage", (8, "Iops", 6000)),
    planted("insights kept for 30 days", DATABASE, "databases.insights", (8, "PerformanceInsightsRetentionPeriod", 30)),
    planted(
        "identifier with two hyphens", DATABASE, "databases.identifiers", (8, "DBInstanceIdentifier", "vsl--database")
    ),
    planted("identifier that ends in a hyphen", DATABASE, "databases.identifiers", (11, "DBProxyName", "vsl-")),
    planted(
        "parameter group of another version", DATABASE, "databases.parameter_group_fits", (8, "EngineVersion", "16")
    ),
    planted("log of another engine", DATABASE, "databases.log_exports", (8, "EnableCloudwatchLogsExports", ["error"])),
    planted(
        "static parameter at once",
        DATABASE,
        "databases.parameter_changes",
        (7, "Parameters.0.ParameterName", "max_connections"),
    ),
    planted(
        "21 parameters at once",
        DATABASE,
        "databases.parameter_changes",
        (7, "Parameters", [{"ParameterName": f"p{n}"} for n in range(21)]),
    ),
    planted("port 80", DATABASE, "databases.port", (8, "Port", 80)),
    planted(
        "subnets in one zone", DATABASE, "databases.subnets_are_in_two_zones", (4, "AvailabilityZone", "us-east-1a")
    ),
    planted(
        "deleted without a final snapshot's name",
        DATABASE,
        "databases.final_snapshot",
        (13, "FinalDBSnapshotIdentifier", REMOVED),
    ),
    planted("final snapshot named and skipped", DATABASE, "databases.final_snapshot", (13, "SkipFinalSnapshot", True)),
    planted(
        "protected instance deleted", DATABASE, "databases.protected_instances_stay", (8, "DeletionProtection", True)
    ),
    planted("backups for 60 days", DATABASE, "databases.backups", (8, "BackupRetentionPeriod", 60)),
    planted("proxy without a secret", DATABASE, "proxies.login", (11, "Auth", [])),
    planted("tokens without TLS", DATABASE, "proxies.login", (11, "RequireTLS", False)),
    planted(
        "proxy's role may not read its secret",
        DATABASE,
        "proxies.role_reads_the_secret",
        (10, "PolicyDocument", json.dumps({"Version": "2012-10-17", "Statement": []})),
    ),
    planted(
        "proxy's role of another service",
        DATABASE,
        "proxies.role_reads_the_secret",
        (9, "AssumeRolePolicyDocument", trust("lambda.amazonaws.com")),
    ),
    planted("proxy in one subnet", DATABASE, "proxies.subnets_are_in_two_zones", (11, "VpcSubnetIds", ["subnet-a"])),
    planted("clients idle for a day", DATABASE, "proxies.pool", (11, "IdleClientTimeout", 86_400)),
    planted(
        "connection waited for ten minutes",
        DATABASE,
        "proxies.pool",
        (12, "ConnectionPoolConfig.ConnectionBorrowTimeout", 600),
    ),
    planted("more idle than all", DATABASE, "proxies.pool", (12, "ConnectionPoolConfig.MaxIdleConnectionsPercent", 95)),
    planted("class that the version lacks", DATABASE, None, (8, "DBInstanceClass", "db.t2.micro")),
]
