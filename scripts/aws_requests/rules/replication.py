"""Replication rules that S3 refuses."""

import re
from collections.abc import Iterator, Sequence

from aws_requests.request import Request
from aws_requests.rules.checks import Parameters, Problem, each_request, whole_recording
from aws_requests.rules.history import answered, before, last_part

_GUIDE = "https://docs.aws.amazon.com/AmazonS3/latest/userguide"
_API = "https://docs.aws.amazon.com/AmazonS3/latest/API"


@whole_recording(source=f"{_GUIDE}/replication-requirements.html")
def both_keep_versions(recording: Sequence[Request]) -> Iterator[Problem]:
    for request in recording:
        if request.name != "s3.PutBucketReplication":
            continue
        status = {
            change.parameters["Bucket"]: (change.parameters.get("VersioningConfiguration") or {}).get("Status")
            for change in answered(before(recording, request), "s3.PutBucketVersioning")
        }
        rules = request.parameters["ReplicationConfiguration"].get("Rules") or []
        for bucket in [request.parameters["Bucket"], *(last_part(rule["Destination"]["Bucket"]) for rule in rules)]:
            if status.get(bucket) != "Enabled":
                yield request, f"the bucket {bucket} must keep versions"


@each_request("s3.PutBucketReplication", source=f"{_API}/API_ReplicationRule.html")
def rules_are_whole(parameters: Parameters) -> Iterator[str]:
    configuration = parameters["ReplicationConfiguration"]
    if not re.fullmatch(r"arn:[\w-]+:iam::\d{12}:role/.+", configuration.get("Role", "")):
        yield "replication needs the ARN of a role"
    rules = configuration.get("Rules") or []
    priorities = [rule["Priority"] for rule in rules if "Priority" in rule]
    if len(set(priorities)) < len(priorities):
        yield "two rules have the same priority"
    for rule in rules:
        destination = rule.get("Destination") or {}
        if "Filter" in rule and not rule.get("DeleteMarkerReplication"):
            yield "a rule with a filter needs DeleteMarkerReplication"
        if "Filter" in rule and "Priority" not in rule:
            yield "a rule with a filter needs a priority"
        if not re.fullmatch(r"arn:[\w-]+:s3:::[a-z0-9.-]+", destination.get("Bucket", "")):
            yield f"the destination {destination.get('Bucket')!r} must be the ARN of a bucket"
        encrypted = (rule.get("SourceSelectionCriteria") or {}).get("SseKmsEncryptedObjects")
        if bool(encrypted) != bool(destination.get("EncryptionConfiguration")):
            yield "SseKmsEncryptedObjects and the destination's EncryptionConfiguration belong together"
