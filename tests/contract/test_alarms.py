"""The alarms of Terraform watch what the functions really count, by the same name and without dimensions."""

import re

from contract.terraform_functions import ROOT
from unit.log_lines import METRICS

MONITORING = (ROOT / "terraform" / "monitoring.tf").read_text()
# A metric of ours, named by the module itself or by a member of `local.events`.
NAMED = re.findall(r'^\s*metric\s*=\s*"(\w+)"', MONITORING, re.MULTILINE)
OURS = [name for name in NAMED if name != "Errors" and name != "ApproximateNumberOfMessagesVisible"]


def test_every_alarm_of_ours_watches_a_metric_without_dimensions() -> None:
    assert sorted(OURS) == [
        "DuplicatePredictions",
        "FfmpegUnusable",
        "JobsInDanger",
        "MediaExpired",
        "ModelOutage",
        "OutcomeUnknown",
        "ProviderAccountProblem",
    ]
    assert {name: METRICS[name] for name in OURS} == dict.fromkeys(OURS, ("Count", []))


def test_every_description_says_where_to_look() -> None:
    told = re.findall(r'^\s*description\s*=\s*"(.+)"$', MONITORING, re.MULTILINE)
    assert len(told) == len(NAMED)
    assert all(".log_group}" in text or "consumer's log" in text for text in told)
    assert max(map(len, told)) < 900  # CloudWatch takes 1,024 characters; names of groups take the place of variables
