"""Price each resource for a month without traffic."""

from cost.rates import NOT_SNAPPED, Item, invocation, logged, traced
from cost.sizes import Sizes
from cost.tables import MONTH_HOURS, MONTH_SECONDS, assumptions, prices


def nat_gateways(sizes: Sizes) -> float:
    """Price the gateways with their public addresses."""
    return sizes.nat_gateways * MONTH_HOURS * (prices()["nat_hour"] + prices()["public_address_hour"])


def endpoints(sizes: Sizes) -> float:
    """Price the interface endpoints in their zones."""
    return sizes.endpoint_zones * MONTH_HOURS * prices()["endpoint_hour"]


def database_instance(sizes: Sizes) -> float:
    """Price the instance, with its standby."""
    database = sizes.values["database"]
    if database is None:
        return 0.0
    hour = prices().database[database["instance_class"]]["multi_az" if database["multi_az"] else "single_az"]
    return MONTH_HOURS * hour


def database_storage(sizes: Sizes) -> float:
    """Price the storage, twice with a standby."""
    database = sizes.values["database"]
    if database is None:
        return 0.0
    kind = "database_storage_multi_az_gb_month" if database["multi_az"] else "database_storage_gb_month"
    return float(database["storage_gb"]) * prices()[kind]


def database_proxy(sizes: Sizes) -> float:
    """Price the proxy by the vCPUs of the instance."""
    database = sizes.values["database"]
    if database is None or not database["proxy"]:
        return 0.0
    return prices().database[database["instance_class"]]["vcpu"] * MONTH_HOURS * prices()["database_proxy_vcpu_hour"]


def cache_nodes(sizes: Sizes) -> float:
    """Price the first node and its replicas."""
    cache = sizes.values["cache"]
    if cache is None:
        return 0.0
    return (1 + float(cache["replicas"])) * MONTH_HOURS * prices().cache[cache["node_type"]][cache["engine"]]


def job_table(sizes: Sizes) -> float:
    """Price the least capacity of table and indexes with auto-scaling's four alarms for each; on demand nothing."""
    capacity = sizes.values["job_table"]["capacity"]
    if capacity is None:
        return 0.0
    copies: int = assumptions()["generation"]["job_table_copies"]
    hour = sum(float(capacity[kind]["min"]) * prices()[f"job_table_{kind}_unit_hour"] for kind in ("read", "write"))
    return copies * (hour * MONTH_HOURS + 2 * 4 * prices()["alarm_month"])


def functions(sizes: Sizes) -> float:
    """Price the five-minute check, and the snapshots where they are kept."""
    name = "check_replicate_status"
    check = checks(sizes) * invocation(sizes, name, assumptions()["functions"][name]["seconds"])
    if not sizes.values["functions"]["snap_start"]:
        return check
    kept = sum(sizes.memory_gb[name] for name in sizes.memory_gb if name not in NOT_SNAPPED)
    return check + kept * MONTH_SECONDS * prices()["snap_start_cache_gb_second"]


def queues(sizes: Sizes) -> float:
    """Price the requests of Lambda's pollers."""
    return float(sizes.queues * assumptions()["idle"]["queue_polls"] / 1e6 * prices()["queue_request_million"])


def secrets(sizes: Sizes) -> float:
    return sizes.all_secrets * prices()["secret_month"]


def customer_keys(sizes: Sizes) -> float:
    """Price the keys, without their uses."""
    return sizes.customer_keys * prices()["key_month"]


def alarms(sizes: Sizes) -> float:
    """Price the alarms of queues, functions and what they count."""
    return sizes.alarms * prices()["alarm_month"]


def metrics(_: Sizes) -> float:
    """Price the series that the check writes."""
    return float(assumptions()["idle"]["metric_series"] * prices()["metric_month"])


def logs(sizes: Sizes) -> float:
    """Price the log of a month without traffic."""
    idle = assumptions()["idle"]
    gb = checks(sizes) * assumptions()["functions"]["check_replicate_status"]["log_bytes"] / 1e9
    gb += idle["flow_log_gb"] if sizes.own_network else 0
    gb += idle["monitoring_gb"] + idle["database_log_gb"] if sizes.values["database"] else 0
    return logged(sizes, gb)


def traces(sizes: Sizes) -> float:
    """Price the traces of the check."""
    return traced(sizes, checks(sizes))


def checks(sizes: Sizes) -> float:
    """Count the runs of the scheduled check in a month."""
    return MONTH_HOURS * 60 / sizes.check_minutes


ITEMS = (
    Item("NAT gateways", "functions call Replicate and download results through them", nat_gateways),
    Item("Interface endpoints", "functions read parameters and secrets without the internet", endpoints),
    Item("Database instance", "the source of truth: jobs, their history, users, keys", database_instance),
    Item("Database storage", "gp3; seven days of backups of up to the same size are included", database_storage),
    Item("Database proxy", "hundreds of functions share few connections", database_proxy),
    Item("Cache", "a status in a millisecond, limits per user, processed webhooks", cache_nodes),
    Item("Job table", "a projection of recent jobs; on demand it costs only its requests", job_table),
    Item("Functions", "only the five-minute check runs; snapshots, if enabled, are stored", functions),
    Item("Queues", "Lambda polls them continuously, and each poll is a request", queues),
    Item("Secrets", "Replicate's token and webhook secret, the database owner's login, the proxy's three", secrets),
    Item("Customer keys", "one in each region with data: every use is recorded, and can be revoked", customer_keys),
    Item("Alarms", "dead letters, errors and throttles of functions, events that wake the on-call engineer", alarms),
    Item("Metrics", "overdue, endangered and waiting jobs, counted by the five-minute check", metrics),
    Item("Logs", "from the check, the network's flows, the database and its operating system", logs),
    Item("Traces", "where a slow call spent its time; on by variable", traces),
)  # fmt: skip


def idle_total(sizes: Sizes) -> float:
    return sum(item.usd(sizes) for item in ITEMS)
