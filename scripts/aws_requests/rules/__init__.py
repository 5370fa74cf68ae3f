"""Rules of AWS that neither its models nor its schemas know, written by hand; each names the page it is from.

A new rule is a decorated function in the file of its service, and a mistake that it finds in
tests/unit/aws_requests/planted, beside the valid recording that it lets pass.
"""

from collections.abc import Sequence

from aws_requests.request import Rule
from aws_requests.rules import (
    alarms,
    buckets,
    caches,
    callers,
    databases,
    destinations,
    domains,
    endpoints,
    event_sources,
    functions,
    http_api,
    items,
    keys,
    lifecycle,
    logs,
    networks,
    objects,
    parameters,
    permissions,
    proxies,
    queues,
    quotas,
    replication,
    roles,
    scaling,
    schedules,
    secrets,
    security_groups,
    shared_vpc,
    stages,
    tables,
    tags,
    topics,
    users,
    versions,
)
from aws_requests.rules.checks import Check

_FILES = (
    alarms,
    buckets,
    caches,
    callers,
    databases,
    destinations,
    domains,
    endpoints,
    event_sources,
    functions,
    http_api,
    items,
    keys,
    lifecycle,
    logs,
    networks,
    objects,
    parameters,
    permissions,
    proxies,
    queues,
    quotas,
    replication,
    roles,
    scaling,
    schedules,
    secrets,
    security_groups,
    shared_vpc,
    stages,
    tables,
    tags,
    topics,
    users,
    versions,
)

RULES: Sequence[Rule] = [rule for file in _FILES for rule in vars(file).values() if isinstance(rule, Check)]
