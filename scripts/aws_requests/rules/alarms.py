"""Alarms and metric data that CloudWatch refuses."""

import math
import re
from collections.abc import Iterator, Sequence

from aws_requests.request import Request
from aws_requests.rules.checks import Parameters, Problem, each_request, whole_recording

_API = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference"
_ALARM = f"{_API}/API_PutMetricAlarm.html"
_DAY = 86_400


@each_request("cloudwatch.PutMetricAlarm", source=_ALARM)
def window(parameters: Parameters) -> Iterator[str]:
    period, count = parameters.get("Period"), parameters.get("EvaluationPeriods", 1)
    if period is None:
        return
    if period not in (10, 20, 30) and (period < 60 or period % 60):
        yield f"Period is {period} s; CloudWatch knows 10, 20, 30 and multiples of 60"
    longest = 7 * _DAY if period >= 3600 else _DAY
    if period * count > longest:
        yield f"the alarm evaluates {period * count} s; with a period of {period} s CloudWatch allows {longest}"


@each_request("cloudwatch.PutMetricAlarm", source=_ALARM)
def datapoints(parameters: Parameters) -> Iterator[str]:
    needed, count = parameters.get("DatapointsToAlarm"), parameters.get("EvaluationPeriods", 1)
    if count < 1 or (needed is not None and not 1 <= needed <= count):
        yield f"DatapointsToAlarm is {needed} of {count} evaluation periods"


@each_request("cloudwatch.PutMetricAlarm", source=_ALARM)
def one_statistic(parameters: Parameters) -> Iterator[str]:
    given = [name for name in ("Statistic", "ExtendedStatistic", "Metrics") if parameters.get(name)]
    if len(given) != 1:
        yield f"an alarm has exactly one of Statistic, ExtendedStatistic and Metrics, not {given}"
    if parameters.get("Metrics") and parameters.get("MetricName"):
        yield "an alarm has either MetricName or Metrics"
    results, wanted = _results(parameters), 2 if parameters.get("ThresholdMetricId") else 1
    if parameters.get("Metrics") and len(results) != wanted:
        yield f"ReturnData must be true for exactly {wanted} of the metrics, and is for {results}"
    extended = parameters.get("ExtendedStatistic", "p50")
    if not re.fullmatch(r"(p|tm|wm|tc|ts)\d{1,3}(\.\d{1,10})?|IQM|(TM|WM|PR|TC|TS)\(.+\)", extended):
        yield f"{extended!r} is not an extended statistic"


def _results(parameters: Parameters) -> list[str]:
    """Return the ids of the metrics that the alarm watches; a metric without ReturnData is one of them."""
    return [metric["Id"] for metric in parameters.get("Metrics") or [] if metric.get("ReturnData", True)]


@each_request("cloudwatch.PutMetricAlarm", source=_ALARM)
def dimensions(parameters: Parameters) -> Iterator[str]:
    given = parameters.get("Dimensions") or []
    if len(given) > 30:
        yield f"{len(given)} dimensions; CloudWatch allows 30"
    if len({dimension["Name"] for dimension in given}) < len(given):
        yield "two dimensions have the same name"
    if any(not dimension.get("Value") or not dimension["Name"] or dimension["Name"][0] == ":" for dimension in given):
        yield "a dimension needs a name, which does not start with a colon, and a value"


@each_request("cloudwatch.PutMetricAlarm", source=_ALARM)
def words(parameters: Parameters) -> Iterator[str]:
    if len(parameters.get("AlarmDescription") or "") > 1024:
        yield f"the description has {len(parameters['AlarmDescription'])} characters; CloudWatch allows 1024"
    if not 1 <= len(parameters.get("AlarmName", "")) <= 255:
        yield "an alarm's name has 1 to 255 characters"
    missing = parameters.get("TreatMissingData", "missing")
    if missing not in ("breaching", "notBreaching", "ignore", "missing"):
        yield f"TreatMissingData is {missing!r}; CloudWatch knows breaching, notBreaching, ignore and missing"


@whole_recording(source=_ALARM)
def actions(recording: Sequence[Request]) -> Iterator[Problem]:
    for request in recording:
        if request.name != "cloudwatch.PutMetricAlarm":
            continue
        for name in ("AlarmActions", "OKActions", "InsufficientDataActions"):
            arns = request.parameters.get(name) or []
            if len(arns) > 5:
                yield request, f"{len(arns)} {name}; CloudWatch allows 5"
            for arn in arns:
                if not arn.startswith("arn:"):
                    yield request, f"{name} has {arn!r}, which is not an ARN"
                elif ":sns:" in arn and arn.split(":")[3] != request.region:
                    yield request, f"the topic of {name} must be in the region of the alarm, {request.region}"


@each_request("cloudwatch.PutMetricData", source=f"{_API}/API_PutMetricData.html")
def metric_data(parameters: Parameters) -> Iterator[str]:
    data = parameters.get("MetricData") or []
    if parameters.get("Namespace", "").startswith("AWS/"):
        yield "a namespace that starts with AWS/ belongs to AWS"
    if len(data) > 1000:
        yield f"{len(data)} metrics; one request takes 1000"
    for datum in data:
        values = [datum["Value"]] if "Value" in datum else datum.get("Values") or []
        if any(not math.isfinite(value) for value in values):
            yield f"{datum['MetricName']}: a value must be a finite number"
        if len(datum.get("Dimensions") or []) > 30:
            yield f"{datum['MetricName']}: more than 30 dimensions"
