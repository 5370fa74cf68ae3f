"""Rules and targets that EventBridge refuses."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from aws_requests.request import Request
from aws_requests.rules.checks import Parameters, Problem, each_request, whole_recording
from aws_requests.rules.history import answered, before

_GUIDE = "https://docs.aws.amazon.com/eventbridge/latest/userguide"
_API = "https://docs.aws.amazon.com/eventbridge/latest/APIReference"


@each_request("events.PutRule", source=f"{_GUIDE}/eb-scheduled-rule-pattern.html")
def expression(parameters: Parameters) -> Iterator[str]:
    text = parameters.get("ScheduleExpression")
    if not text:
        return
    if rate := re.fullmatch(r"rate\((\d+) (minute|hour|day)(s?)\)", text):
        if int(rate[1]) < 1 or (rate[1] == "1") == bool(rate[3]):
            yield f"{text!r}: at least 1, and the unit in the singular for 1 only"
    elif cron := re.fullmatch(r"cron\((.+)\)", text):
        fields = cron[1].split()
        if len(fields) != 6 or (fields[2] == "?") == (fields[4] == "?"):
            yield f"{text!r}: six fields, with ? in exactly one of day of month and day of week"
    else:
        yield f"{text!r} is neither rate(5 minutes) nor cron(0 12 * * ? *)"


@each_request("events.PutRule", source=f"{_API}/API_PutRule.html")
def rule_name(parameters: Parameters) -> Iterator[str]:
    if not re.fullmatch(r"[.\-_A-Za-z0-9]{1,64}", parameters["Name"]):
        yield f"the rule name {parameters['Name']!r} must be 1 to 64 letters, digits or .-_"
    if len(parameters.get("Description") or "") > 512:
        yield "a rule's description has at most 512 characters"
    if not parameters.get("ScheduleExpression") and not parameters.get("EventPattern"):
        yield "a rule needs a schedule or a pattern"


@each_request("events.PutTargets", source=f"{_API}/API_PutTargets.html")
def targets(parameters: Parameters) -> Iterator[str]:
    given = parameters.get("Targets") or []
    if not 1 <= len(given) <= 5:
        yield f"{len(given)} targets; a rule has at most 5"
    for target in given:
        yield from (f"target {target.get('Id')}: {problem}" for problem in _target_problems(target))


def _target_problems(target: Mapping[str, Any]) -> Iterator[str]:
    if not re.fullmatch(r"[.\-_A-Za-z0-9]{1,64}", target.get("Id", "")):
        yield "an id is 1 to 64 letters, digits or .-_"
    if not target.get("Arn", "").startswith("arn:"):
        yield "it needs an ARN"
    if len([name for name in ("Input", "InputPath", "InputTransformer") if target.get(name)]) > 1:
        yield "it has one of Input, InputPath and InputTransformer"
    text = target.get("Input")
    if text is not None:
        if len(text.encode()) > 8192:
            yield f"its input has {len(text.encode())} bytes; EventBridge allows 8192"
        try:
            json.loads(text)
        except ValueError:
            yield "its input is not JSON"


@whole_recording(source=f"{_API}/API_PutTargets.html")
def targets_have_a_rule(recording: Sequence[Request]) -> Iterator[Problem]:
    for request in recording:
        if request.name == "events.PutTargets":
            rules = {made.parameters["Name"] for made in answered(before(recording, request), "events.PutRule")}
            if request.parameters["Rule"] not in rules:
                yield request, f"the rule {request.parameters['Rule']} does not exist"


@whole_recording(source=f"{_API}/API_DeleteRule.html")
def deleted_rules_are_empty(recording: Sequence[Request]) -> Iterator[Problem]:
    targets: dict[str, set[str]] = {}
    for request in answered(recording, "events.PutTargets", "events.RemoveTargets", "events.DeleteRule"):
        parameters = request.parameters
        held = targets.setdefault(parameters.get("Rule") or parameters.get("Name", ""), set())
        if request.operation == "PutTargets":
            held |= {target["Id"] for target in parameters["Targets"]}
        elif request.operation == "RemoveTargets":
            held -= set(parameters["Ids"])
        elif held:
            yield request, f"the rule still has the targets {sorted(held)}"
