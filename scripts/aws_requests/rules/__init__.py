"""Rules of AWS that neither its models nor its schemas know, written by hand; each names the page it is from."""

from collections.abc import Sequence

from aws_requests.request import Rule
from aws_requests.rules import (
    alarms,
    event_sources,
    functions,
    http_api,
    logs,
    queues,
    roles,
    stages,
    versions,
)
from aws_requests.rules.checks import Check

_FILES = (
    functions,
    versions,
    event_sources,
    queues,
    logs,
    http_api,
    stages,
    alarms,
    roles,
)

RULES: Sequence[Rule] = [rule for file in _FILES for rule in vars(file).values() if isinstance(rule, Check)]
