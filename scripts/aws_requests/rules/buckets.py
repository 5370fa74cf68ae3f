"""Buckets and bucket policies that S3 refuses."""

import ipaddress
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress

from aws_requests.request import Request
from aws_requests.rules.checks import Parameters, Problem, each_request, whole_recording
from aws_requests.rules.grammar import document_problems
from aws_requests.rules.history import answered, before
from aws_requests.rules.policies import matcher, statements, texts

_GUIDE = "https://docs.aws.amazon.com/AmazonS3/latest/userguide"
_API = "https://docs.aws.amazon.com/AmazonS3/latest/API"


@each_request("s3.CreateBucket", source=f"{_GUIDE}/bucketnamingrules.html")
def name_syntax(parameters: Parameters) -> Iterator[str]:
    name = parameters["Bucket"]
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", name) or ".." in name:
        yield f"the bucket name {name!r} must be 3 to 63 small letters, digits, hyphens or dots"
    with suppress(ValueError):
        yield f"the bucket name {ipaddress.ip_address(name)} must not look like an address"
    if re.match(r"xn--|sthree-|amzn-s3-demo-", name) or re.search(
        r"(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$", name
    ):
        yield f"the bucket name {name!r} has a beginning or an ending that S3 reserves"


@whole_recording(source=f"{_API}/API_CreateBucket.html")
def location(recording: Sequence[Request]) -> Iterator[Problem]:
    for request in recording:
        if request.name != "s3.CreateBucket":
            continue
        asked = (request.parameters.get("CreateBucketConfiguration") or {}).get("LocationConstraint")
        if asked == "us-east-1":
            yield request, "us-east-1 is the default and must not be named as LocationConstraint"
        elif asked and asked not in (request.region, "EU"):
            yield request, f"LocationConstraint is {asked}, the request went to {request.region}"
        elif not asked and request.region != "us-east-1":
            yield request, f"in {request.region} a bucket needs LocationConstraint"


@whole_recording(source=f"{_GUIDE}/about-object-ownership.html")
def acls_are_off(recording: Sequence[Request]) -> Iterator[Problem]:
    """Buckets have no ACLs since April 2023 unless ObjectOwnership says otherwise."""
    ownership: dict[str, str] = {}
    for request in recording:
        bucket, acl = request.parameters.get("Bucket", ""), request.parameters.get("ACL")
        if request.name == "s3.PutBucketOwnershipControls":
            ownership[bucket] = request.parameters["OwnershipControls"]["Rules"][0]["ObjectOwnership"]
        enforced = ownership.get(bucket, "BucketOwnerEnforced") == "BucketOwnerEnforced"
        if request.name in _WITH_ACL and enforced and acl not in (None, "private", "bucket-owner-full-control"):
            yield request, f"the bucket has no ACLs: {acl} is refused"


_WITH_ACL = tuple(
    f"s3.{name}" for name in ("PutObject", "CopyObject", "CreateMultipartUpload", "PutBucketAcl", "PutObjectAcl")
)


@whole_recording(source=f"{_GUIDE}/access-control-block-public-access.html")
def public_policy_is_blocked(recording: Sequence[Request]) -> Iterator[Problem]:
    for request in recording:
        if request.name != "s3.PutBucketPolicy":
            continue
        blocks = [
            block.parameters.get("PublicAccessBlockConfiguration") or {}
            for block in answered(before(recording, request), "s3.PutPublicAccessBlock")
            if block.parameters["Bucket"] == request.parameters["Bucket"]
        ]
        blocked = blocks[-1].get("BlockPublicPolicy") if blocks else True  # the default of new buckets
        if blocked and any(_is_public(statement) for statement in statements(request.parameters["Policy"])):
            yield request, "the policy is public, and the bucket blocks public policies"


def _is_public(statement: object) -> bool:
    if not isinstance(statement, dict) or statement.get("Effect") != "Allow" or statement.get("Condition"):
        return False
    principal = statement.get("Principal")
    return principal == "*" or (isinstance(principal, dict) and "*" in texts(principal.get("AWS")))


# Actions on the bucket itself; every other action of S3 that names Object acts on objects.
_ON_OBJECTS = re.compile(r"s3:(\w*Object\w*|AbortMultipartUpload|ListMultipartUploadParts)", re.IGNORECASE)


@each_request("s3.PutBucketPolicy", source=f"{_GUIDE}/security_iam_service-with-iam.html")
def policy_grammar(parameters: Parameters) -> Iterator[str]:
    yield from document_problems(parameters["Policy"], kind="resource")
    bucket = f"arn:aws:s3:::{parameters['Bucket']}"
    for statement in statements(parameters["Policy"]):
        resources = texts(statement.get("Resource"))
        for resource in resources:
            if not (
                matcher(resource).fullmatch(bucket)
                or re.sub(r"^arn:[\w-]+:", "arn:aws:", resource).startswith(f"{bucket}/")
            ):
                yield f"the resource {resource} is not of this bucket"
        for action in texts(statement.get("Action")):
            if _ON_OBJECTS.fullmatch(action) and not any("/" in resource or "*" in resource for resource in resources):
                yield f"{action} does not apply to the bucket itself"
    if len(json.dumps(parameters["Policy"])) > 20 * 1024:
        yield "a bucket's policy has at most 20 KB"


@each_request("s3.PutBucketEncryption", source=f"{_API}/API_ServerSideEncryptionByDefault.html")
def encryption(parameters: Parameters) -> Iterator[str]:
    for rule in parameters["ServerSideEncryptionConfiguration"].get("Rules") or []:
        default = rule.get("ApplyServerSideEncryptionByDefault") or {}
        if default.get("KMSMasterKeyID") and not default.get("SSEAlgorithm", "").startswith("aws:kms"):
            yield "KMSMasterKeyID needs SSEAlgorithm aws:kms"
