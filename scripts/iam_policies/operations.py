"""Actions and resources that AWS evaluates for each API operation that the functions use.

From the tables "API operations" of the Service Authorization Reference and, for S3, from
https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from iam_policies.evaluator import Question


@dataclass(frozen=True)
class Place:
    """Region and account of a request, and the ARNs of the secrets by name: AWS adds six characters to them."""

    region: str
    account: str
    secrets: Mapping[str, str]

    def arn(self, service: str, resource: str) -> str:
        """Name a resource of this region and account."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"


type Parameters = Mapping[str, Any]
type Operation = Callable[[Parameters, Place], list[Question]]


def questions(operation: str, parameters: Parameters, place: Place) -> list[Question] | None:
    """Return the questions that AWS evaluates for `service.Operation`; None if the table lacks the operation."""
    return OPERATIONS[operation](parameters, place) if operation in OPERATIONS else None


def _table(action: str) -> Operation:
    return lambda parameters, place: [Question(action, place.arn("dynamodb", f"table/{parameters['TableName']}"))]


def _tables(parameters: Parameters, place: Place) -> list[Question]:
    tables = [place.arn("dynamodb", f"table/{name}") for name in parameters["RequestItems"]]
    return [Question("dynamodb:BatchGetItem", table) for table in tables]


def _queue(action: str) -> Operation:
    return lambda parameters, place: [Question(action, place.arn("sqs", parameters["QueueUrl"].rpartition("/")[2]))]


def _bucket(action: str) -> Operation:
    def of(parameters: Parameters, _: Place) -> list[Question]:
        prefix = {"s3:prefix": parameters["Prefix"]} if parameters.get("Prefix") else {}
        return [Question(action, f"arn:aws:s3:::{parameters['Bucket']}", prefix)]

    return of


def _object(action: str, versioned: str = "") -> Operation:
    def of(parameters: Parameters, _: Place) -> list[Question]:
        name = versioned if parameters.get("VersionId") and versioned else action
        return [Question(name, f"arn:aws:s3:::{parameters['Bucket']}/{parameters['Key']}")]

    return of


def _deleted(parameters: Parameters, place: Place) -> list[Question]:
    each = _object("s3:DeleteObject", "s3:DeleteObjectVersion")
    found = [each({"Bucket": parameters["Bucket"], **one}, place) for one in parameters["Delete"]["Objects"]]
    return [question for questions in found for question in questions]


def _parameter(parameters: Parameters, place: Place) -> list[Question]:
    return [Question("ssm:GetParameter", place.arn("ssm", f"parameter/{parameters['Name'].removeprefix('/')}"))]


def _secret(action: str) -> Operation:
    def of(parameters: Parameters, place: Place) -> list[Question]:
        name = parameters["SecretId"]
        unknown = place.arn("secretsmanager", f"secret:{name}-??????")
        return [Question(action, name if name.startswith("arn:") else place.secrets.get(name, unknown))]

    return of


OPERATIONS: Mapping[str, Operation] = {
    "dynamodb.BatchGetItem": _tables,
    "dynamodb.GetItem": _table("dynamodb:GetItem"),
    "dynamodb.PutItem": _table("dynamodb:PutItem"),
    "s3.AbortMultipartUpload": _object("s3:AbortMultipartUpload"),
    "s3.CompleteMultipartUpload": _object("s3:PutObject"),
    "s3.CreateMultipartUpload": _object("s3:PutObject"),
    "s3.DeleteObject": _object("s3:DeleteObject", "s3:DeleteObjectVersion"),
    "s3.DeleteObjects": _deleted,
    "s3.GetObject": _object("s3:GetObject", "s3:GetObjectVersion"),
    "s3.HeadBucket": _bucket("s3:ListBucket"),
    "s3.HeadObject": _object("s3:GetObject", "s3:GetObjectVersion"),
    "s3.ListObjectVersions": _bucket("s3:ListBucketVersions"),
    "s3.ListObjectsV2": _bucket("s3:ListBucket"),
    "s3.PutObject": _object("s3:PutObject"),
    "s3.UploadPart": _object("s3:PutObject"),
    "secretsmanager.GetSecretValue": _secret("secretsmanager:GetSecretValue"),
    "secretsmanager.PutSecretValue": _secret("secretsmanager:PutSecretValue"),
    "sqs.ChangeMessageVisibility": _queue("sqs:ChangeMessageVisibility"),
    "sqs.SendMessage": _queue("sqs:SendMessage"),
    "sqs.SendMessageBatch": _queue("sqs:SendMessage"),
    "ssm.GetParameter": _parameter,
}
