"""Mistakes in caches and their users."""

from unit.aws_requests.planted.planting import planted, recorded

USER = {
    "UserId": "vsl",
    "UserName": "vsl",
    "Engine": "redis",
    "AccessString": "on ~job:status:* ~replicate:pace -@all +get +mget +config|get",
    "AuthenticationMode": {"Type": "iam"},
}
CACHE = recorded(
    ("elasticache.CreateUser", USER),
    (
        "elasticache.CreateUser",
        {
            "UserId": "vsl-nobody",
            "UserName": "default",
            "Engine": "redis",
            "AccessString": "off -@all",
            "NoPasswordRequired": True,
        },
    ),
    ("elasticache.CreateUserGroup", {"UserGroupId": "vsl-cache", "Engine": "redis", "UserIds": ["vsl", "vsl-nobody"]}),
    (
        "elasticache.CreateCacheParameterGroup",
        {"CacheParameterGroupName": "vsl-cache-redis7", "CacheParameterGroupFamily": "redis7"},
    ),
    (
        "elasticache.CreateReplicationGroup",
        {
            "ReplicationGroupId": "vsl-cache",
            "Engine": "redis",
            "EngineVersion": "7.1",
            "CacheParameterGroupName": "vsl-cache-redis7",
            "NumCacheClusters": 2,
            "AutomaticFailoverEnabled": True,
            "MultiAZEnabled": True,
            "TransitEncryptionEnabled": True,
            "TransitEncryptionMode": "required",
            "AtRestEncryptionEnabled": True,
            "UserGroupIds": ["vsl-cache"],
            "SnapshotRetentionLimit": 0,
            "PreferredMaintenanceWindow": "sun:06:30-sun:07:30",
            "LogDeliveryConfigurations": [
                {
                    "LogType": "slow-log",
                    "LogFormat": "json",
                    "DestinationType": "cloudwatch-logs",
                    "DestinationDetails": {"CloudWatchLogsDetails": {"LogGroup": "/aws/elasticache/vsl-cache"}},
                }
            ],
        },
    ),
)

PLANTED = [
    planted("failover of one node", CACHE, "caches.failover", (5, "NumCacheClusters", 1)),
    planted("two zones without failover", CACHE, "caches.failover", (5, "AutomaticFailoverEnabled", False)),
    planted("users without TLS", CACHE, "caches.encryption", (5, "TransitEncryptionEnabled", False)),
    planted(
        "key without encryption",
        CACHE,
        "caches.encryption",
        (5, "AtRestEncryptionEnabled", False),
        (5, "KmsKeyId", "k1"),
    ),
    planted("group without the user default", CACHE, "users.groups_are_whole", (3, "UserIds", ["vsl"])),
    planted("valkey user without authentication", CACHE, "users.groups_are_whole", (3, "Engine", "valkey")),
    planted("group with a missing user", CACHE, "users.groups_are_whole", (3, "UserIds", ["vsl-nobody", "gone"])),
    planted("token user of two names", CACHE, "users.token_users_have_one_name", (1, "UserName", "app")),
    planted("access string without on or off", CACHE, "users.access_string", (1, "AccessString", "~* +@all")),
    planted("password in the access string", CACHE, "users.access_string", (1, "AccessString", "on >secret ~* +@all")),
    planted("access string with a bare word", CACHE, "users.access_string", (1, "AccessString", "on ~* get")),
    planted("user id of 41 characters", CACHE, "users.ids", (1, "UserId", "u" * 41)),
    planted("cache id with two hyphens", CACHE, "caches.ids", (5, "ReplicationGroupId", "vsl--cache")),
    planted("cache id that ends in a hyphen", CACHE, "caches.ids", (5, "ReplicationGroupId", "vsl-")),
    planted("snapshots for 40 days", CACHE, "caches.snapshots_and_maintenance", (5, "SnapshotRetentionLimit", 40)),
    planted(
        "maintenance of half an hour",
        CACHE,
        "caches.snapshots_and_maintenance",
        (5, "PreferredMaintenanceWindow", "sun:06:30-sun:07:00"),
    ),
    planted("cache parameters of another version", CACHE, "caches.parameter_group_fits", (5, "EngineVersion", "6.2")),
    planted("log to nowhere", CACHE, "caches.log_delivery", (5, "LogDeliveryConfigurations.0.DestinationDetails", {})),
    planted(
        "log of an unknown kind", CACHE, "caches.log_delivery", (5, "LogDeliveryConfigurations.0.LogType", "audit-log")
    ),
    planted("cache node that is not offered", CACHE, None, (5, "CacheNodeType", "cache.t1.huge")),
]
