"""Lifecycle and tiering rules that S3 refuses."""

from collections.abc import Iterator, Mapping
from typing import Any

from aws_requests.rules.checks import Parameters, each_request

_GUIDE = "https://docs.aws.amazon.com/AmazonS3/latest/userguide"
_API = "https://docs.aws.amazon.com/AmazonS3/latest/API"
_ACTIONS = (
    "Expiration",
    "Transitions",
    "NoncurrentVersionTransitions",
    "NoncurrentVersionExpiration",
    "AbortIncompleteMultipartUpload",
)
_AFTER_30_DAYS = ("STANDARD_IA", "ONEZONE_IA")
_TIERS = {"ARCHIVE_ACCESS": 90, "DEEP_ARCHIVE_ACCESS": 180}


@each_request("s3.PutBucketLifecycleConfiguration", source=f"{_GUIDE}/lifecycle-transition-general-considerations.html")
def rules_are_acceptable(parameters: Parameters) -> Iterator[str]:
    rules = (parameters.get("LifecycleConfiguration") or {}).get("Rules") or []
    if not 1 <= len(rules) <= 1000:
        yield f"{len(rules)} rules; S3 allows 1 to 1000"
    names = [rule["ID"] for rule in rules if rule.get("ID")]
    if len(set(names)) < len(names):
        yield "two rules have the same ID"
    for rule in rules:
        for problem in (*_rule_problems(rule), *_expiration_problems(rule), *_transition_problems(rule)):
            yield f"rule {rule.get('ID', '')}: {problem}"


def _rule_problems(rule: Mapping[str, Any]) -> Iterator[str]:
    if not any(rule.get(action) for action in _ACTIONS):
        yield "no action is named"
    given = [
        name
        for name in ("Prefix", "Tag", "And", "ObjectSizeGreaterThan", "ObjectSizeLessThan")
        if name in _filter(rule)
    ]
    if len(given) > 1:
        yield f"a filter of several parts needs And: {given}"
    if len(rule.get("ID") or "") > 255:
        yield "its ID has more than 255 characters"
    if rule.get("AbortIncompleteMultipartUpload"):
        if _filter(rule).get("Tag") or (_filter(rule).get("And") or {}).get("Tags"):
            yield "uploads that were not completed have no tags to filter by"
        if (rule["AbortIncompleteMultipartUpload"].get("DaysAfterInitiation") or 0) < 1:
            yield "DaysAfterInitiation is at least 1"


def _expiration_problems(rule: Mapping[str, Any]) -> Iterator[str]:
    expiration = rule.get("Expiration") or {}
    if len([name for name in ("Days", "Date", "ExpiredObjectDeleteMarker") if name in expiration]) > 1:
        yield "Expiration has exactly one of Days, Date and ExpiredObjectDeleteMarker"
    if expiration.get("Days", 1) < 1:
        yield "Expiration is after at least 1 day"
    if rule.get("NoncurrentVersionExpiration") and (rule["NoncurrentVersionExpiration"].get("NoncurrentDays") or 0) < 1:
        yield "NoncurrentDays is at least 1"


def _transition_problems(rule: Mapping[str, Any]) -> Iterator[str]:
    transitions = rule.get("Transitions") or []
    classes = [transition["StorageClass"] for transition in transitions]
    if len(set(classes)) < len(classes):
        yield "two transitions go to the same class"
    for transition in transitions:
        days = transition.get("Days")
        if days is None:
            continue
        if transition["StorageClass"] in _AFTER_30_DAYS and days < 30:
            yield f"objects move to {transition['StorageClass']} after 30 days at least, not {days}"
        if 0 < (rule.get("Expiration") or {}).get("Days", days + 1) <= days:
            yield "objects must expire after they have moved"
    for transition in rule.get("NoncurrentVersionTransitions") or []:
        if transition["StorageClass"] in _AFTER_30_DAYS and (transition.get("NoncurrentDays") or 0) < 30:
            yield f"old versions move to {transition['StorageClass']} after 30 days at least"
        kept = (rule.get("NoncurrentVersionExpiration") or {}).get("NoncurrentDays")
        if kept is not None and kept <= (transition.get("NoncurrentDays") or 0):
            yield "old versions must expire after they have moved"


def _filter(rule: Mapping[str, Any]) -> Mapping[str, Any]:
    return rule.get("Filter") or {}


@each_request("s3.PutBucketIntelligentTieringConfiguration", source=f"{_API}/API_Tiering.html")
def tiers_have_minima(parameters: Parameters) -> Iterator[str]:
    for tier in parameters["IntelligentTieringConfiguration"].get("Tierings") or []:
        least = _TIERS.get(tier["AccessTier"], 0)
        if not least <= tier["Days"] <= 730:
            yield f"{tier['AccessTier']} is after {least} to 730 days, not {tier['Days']}"
