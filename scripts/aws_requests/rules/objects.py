"""Objects that S3 refuses."""

import base64
import hashlib
from collections.abc import Iterator

from aws_requests.rules.checks import Parameters, each_request

_GUIDE = "https://docs.aws.amazon.com/AmazonS3/latest/userguide"
_API = "https://docs.aws.amazon.com/AmazonS3/latest/API"
_SUMS = {"ContentMD5": "md5", "ChecksumSHA256": "sha256", "ChecksumSHA1": "sha1"}


@each_request("s3.PutObject", "s3.UploadPart", source=f"{_API}/API_PutObject.html")
def checksums(parameters: Parameters) -> Iterator[str]:
    body = parameters.get("Body")
    if not isinstance(body, bytes):
        return
    for name, algorithm in _SUMS.items():
        sent = parameters.get(name)
        if sent and base64.b64encode(hashlib.new(algorithm, body, usedforsecurity=False).digest()).decode() != sent:
            yield f"{name} is not that of the body"


@each_request("s3.PutObject", "s3.CopyObject", "s3.CreateMultipartUpload", source=f"{_GUIDE}/object-keys.html")
def keys(parameters: Parameters) -> Iterator[str]:
    if not 1 <= len(parameters["Key"].encode()) <= 1024:
        yield f"the key has {len(parameters['Key'].encode())} bytes; S3 allows 1 to 1024"


@each_request("s3.PutObject", "s3.CopyObject", "s3.CreateMultipartUpload", source=f"{_GUIDE}/UsingMetadata.html")
def metadata(parameters: Parameters) -> Iterator[str]:
    given = parameters.get("Metadata") or {}
    if sum(len(name.encode()) + len(value.encode()) for name, value in given.items()) > 2048:
        yield "the metadata has more than 2 KB"
    if not all(text.isascii() for pair in given.items() for text in pair):
        yield "metadata in headers is ASCII"


@each_request("s3.DeleteObjects", source=f"{_API}/API_DeleteObjects.html")
def deletions(parameters: Parameters) -> Iterator[str]:
    count = len(parameters["Delete"].get("Objects") or [])
    if not 1 <= count <= 1000:
        yield f"{count} objects; one request deletes 1 to 1000"


@each_request("s3.CompleteMultipartUpload", source=f"{_API}/API_CompleteMultipartUpload.html")
def parts(parameters: Parameters) -> Iterator[str]:
    numbers = [part["PartNumber"] for part in (parameters.get("MultipartUpload") or {}).get("Parts") or []]
    if numbers != sorted(set(numbers)) or not numbers:
        yield "the parts must be listed in order, each once"
    if any(not 1 <= number <= 10_000 for number in numbers):
        yield "a part's number is 1 to 10000"
