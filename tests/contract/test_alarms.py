"""Terraform's alarms watch the metrics that the functions emit, and their descriptions promise no more."""

import re

from contract.terraform_functions import ROOT
from terraform_source import Block, parse
from unit.log_lines import METRICS

MONITORING = (ROOT / "terraform" / "monitoring.tf").read_text()
# A metric is named in an alarm's `metric` or by a member of `local.events`.
NAMED = re.findall(r'^\s*(?:metric|name)\s*=\s*"(\w+)"', MONITORING, re.MULTILINE)
OF_AWS = {"ApproximateNumberOfMessagesVisible", "Errors", "Throttles"}
OURS = [name for name in NAMED if name not in OF_AWS]


def alarms() -> dict[str, Block]:
    """Return the alarms of a file by module name."""
    return {block.labels[0]: block for block in parse(MONITORING, "monitoring.tf").inside("module")}


def metric(alarm: Block) -> str:
    """Return the metric of an alarm as it is written."""
    return alarm.arguments["metric"].text


def test_every_metric_of_ours_has_no_dimension_but_the_environment() -> None:
    assert sorted(OURS) == [
        "DuplicatePredictions",
        "EpochNotRenewed",
        "FfmpegUnusable",
        "JobsInDanger",
        "JobsOverdue",
        "MediaExpired",
        "MediaKept",
        "ModelOutage",
        "OutcomeUnknown",
        "ProviderAccountProblem",
        "ServerErrors",
    ]
    assert {name: METRICS[name] for name in OURS} == dict.fromkeys(OURS, ("Count", []))
    ours = [text for text in map(metric, alarms().values()) if 'namespace  = "VSL/MediaGeneration"' in text]
    assert len(ours) == 2
    assert all("dimensions = { Environment = var.prefix }" in text for text in ours)


def test_every_description_says_where_to_look() -> None:
    found = re.findall(r'^\s*description\s*=\s*"(.+)"$', MONITORING, re.MULTILINE)
    assert len(found) == len(NAMED)
    assert all(".log_group}" in text for text in found)
    # CloudWatch allows 1,024 characters; the names of groups are inserted in place of the variables.
    assert max(map(len, found)) < 900


def test_the_description_of_errors_promises_neither_throttles_nor_answers_of_the_edge() -> None:
    """Lambda counts an error only if the handler does not return; a throttled call is not counted at all.

    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
    """
    promised, not_counted = alarms()["function_alarms"].arguments["description"].text.split("Not counted here:")
    assert not re.search(r"throttl|containers|concurren|500", promised)
    assert all(named in not_counted for named in ("500 answers", "failed messages", "throttled calls"))
    assert 'name       = "Throttles"' in metric(alarms()["throttle_alarms"])
