"""Members of requests brought into the shape of CloudFormation's properties, if their names alone do not do it."""

from collections.abc import Callable
from typing import Any

type Members = dict[str, Any]
type Reshape = Callable[[Members], Members]


def attributes(members: Members) -> Members:
    """Put a map of attributes, as SQS and SNS have it, beside the other members."""
    return {**_without(members, "Attributes"), **members.get("Attributes", {})}


def tag_specifications(members: Members) -> Members:
    """Take EC2's tags out of their specification."""
    found = members.get("TagSpecifications")
    return {**_without(members, "TagSpecifications"), **({"Tags": found[0]["Tags"]} if found else {})}


def rule(end: str) -> Reshape:
    """Take the only permission of a security group's rule out of its lists; `end` is Source or Destination."""

    def reshaped(members: Members) -> Members:
        [permission] = members["IpPermissions"]
        found = {name: value for name, value in permission.items() if isinstance(value, str | int)}
        for ranges in ("IpRanges", "Ipv6Ranges"):
            found.update(permission.get(ranges, [{}])[0])
        for pair in permission.get("UserIdGroupPairs", []):
            found[f"{end}SecurityGroupId"] = pair["GroupId"]
        for listed in permission.get("PrefixListIds", []):
            found[f"{end}PrefixListId"] = listed["PrefixListId"]
        return {"GroupId": members["GroupId"], **found}

    return reshaped


def flow_log(members: Members) -> Members:
    """Name the only resource of a flow log."""
    return {**_without(tag_specifications(members), "ResourceIds"), "ResourceId": members["ResourceIds"][0]}


def bucket(member: str) -> Reshape:
    """Keep the payload of one of the requests that configure a bucket, a property of the bucket."""
    name = {"Tagging": "Tags"}.get(member, member)
    return lambda members: {"BucketName": members["Bucket"], name: members[member]}


def encryption(members: Members) -> Members:
    """Name the rules of a bucket's encryption."""
    rules = members["ServerSideEncryptionConfiguration"]["Rules"]
    named = {"ApplyServerSideEncryptionByDefault": "ServerSideEncryptionByDefault"}
    renamed = [{named.get(name, name): value for name, value in rule.items()} for rule in rules]
    return {"BucketName": members["Bucket"], "BucketEncryption": {"ServerSideEncryptionConfiguration": renamed}}


def cors(members: Members) -> Members:
    """Name the members of a bucket's CORS rules."""
    named = {"ID": "Id", "ExposeHeaders": "ExposedHeaders", "MaxAgeSeconds": "MaxAge"}
    rules = members["CORSConfiguration"]["CORSRules"]
    renamed = [{named.get(name, name): value for name, value in rule.items()} for rule in rules]
    return {"BucketName": members["Bucket"], "CorsConfiguration": {"CorsRules": renamed}}


def lifecycle(members: Members) -> Members:
    """Keep the rules of a bucket's life cycle that let objects expire."""
    rules = [
        {"Id": rule.get("ID"), "Status": rule["Status"], "ExpirationInDays": days}
        for rule in members["LifecycleConfiguration"]["Rules"]
        if (days := rule.get("Expiration", {}).get("Days"))
    ]
    return {"BucketName": members["Bucket"], **({"LifecycleConfiguration": {"Rules": rules}} if rules else {})}


def table(members: Members) -> Members:
    """Name the switch of a table's encryption."""
    found = members.get("SSESpecification")
    named = {"SSESpecification": {"SSEEnabled": found["Enabled"], **_without(found, "Enabled")}} if found else {}
    return {**members, **named}


def key(members: Members) -> Members:
    """Name KMS's tags as all others are named."""
    tags = [{"Key": tag["TagKey"], "Value": tag["TagValue"]} for tag in members.get("Tags", [])]
    return {**members, "Tags": tags}


def instance(members: Members) -> Members:
    """Put the key of a database's secret into the secret."""
    found = members.get("MasterUserSecretKmsKeyId")
    secret = {"MasterUserSecret": {"KmsKeyId": found}} if found else {}
    return {**_without(members, "MasterUserSecretKmsKeyId"), **secret}


def pairs(member: str, name: str) -> Reshape:
    """Make a map of a parameter group's list; the group's own name is not a property."""
    return lambda members: {name: {one["ParameterName"]: one["ParameterValue"] for one in members[member]}}


def record(members: Members) -> Members:
    """Keep the first record set of a change, its values as texts."""
    found = members["ChangeBatch"]["Changes"][0]["ResourceRecordSet"]
    values = [one["Value"] for one in found.get("ResourceRecords", [])]
    return {**found, "HostedZoneId": members["HostedZoneId"], **({"ResourceRecords": values} if values else {})}


def zone(members: Members) -> Members:
    """Keep a hosted zone's name."""
    return {"Name": members["Name"]}


def parameter(members: Members) -> Members:
    """Hide a parameter's value; CloudFormation cannot create secure texts."""
    return {**members, "Type": "String", "Value": "hidden"}


def _without(members: Members, name: str) -> Members:
    return {key: value for key, value in members.items() if key != name}
