"""The media bucket: store files, sign links to them."""

import hashlib
from pathlib import Path

from mediagen.aws.client import Request, send
from mediagen.aws.errors import AwsError
from mediagen.aws.limits import INTERACTIVE, UPLOAD, Limits
from mediagen.aws.settings import Aws
from mediagen.aws.signing import EMPTY_SHA256, percent_encode, presign

LOOK_PREFIX = "health/"  # all that the permission to list is for


class MediaBucket:
    """One bucket."""

    def __init__(self, aws: Aws, name: str) -> None:
        self.aws = aws
        self.name = name

    def upload(
        self,
        path: Path,
        key: str,
        *,
        content_type: str,
        sha256: str,
        disposition: str | None = None,
        limits: Limits = UPLOAD,
    ) -> None:
        """Store a file by one streaming PUT; S3 refuses it unless its bytes have the hexadecimal `sha256`.

        S3 serves the object with this `Content-Disposition`, whatever link it is read by.
        """
        headers = {"Content-Type": content_type, "Content-Length": str(path.stat().st_size)}
        headers |= {"Content-Disposition": disposition} if disposition else {}
        send(self.aws, Request("s3", "PUT", object_url(self.aws, self.name, key), headers, path, sha256), limits)

    def put(
        self, body: bytes, key: str, *, content_type: str, disposition: str | None = None, limits: Limits = INTERACTIVE
    ) -> None:
        """Store a few bytes."""
        digest = hashlib.sha256(body).hexdigest()
        headers = {"Content-Type": content_type} | ({"Content-Disposition": disposition} if disposition else {})
        send(self.aws, Request("s3", "PUT", object_url(self.aws, self.name, key), headers, body, digest), limits)

    def put_new(self, body: bytes, key: str, *, content_type: str, limits: Limits = INTERACTIVE) -> bytes:
        """Store a few bytes if the key is unused. Returns the bytes stored under the key. Raises AwsError.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
        """
        url, digest = object_url(self.aws, self.name, key), hashlib.sha256(body).hexdigest()
        headers = {"Content-Type": content_type, "If-None-Match": "*"}
        try:
            send(self.aws, Request("s3", "PUT", url, headers, body, digest), limits)
        except AwsError as error:
            if not error.is_conditional_check_failed:
                raise
            return send(self.aws, Request("s3", "GET", url, {}, b"", EMPTY_SHA256), limits).body
        return body

    def look(self) -> None:
        """See that the bucket is there: list a folder that is always empty. Raises AwsError."""
        url = f"{object_url(self.aws, self.name)}?list-type=2&max-keys=1&prefix={percent_encode(LOOK_PREFIX)}"
        send(self.aws, Request("s3", "GET", url, {}, b"", EMPTY_SHA256), INTERACTIVE)

    def link(self, key: str, *, seconds: int, content_type: str | None = None, disposition: str | None = None) -> str:
        """Sign a link that reads an object for `seconds`, or for as long as the role's credentials last.

        `content_type` and `disposition` replace the headers the object would be served with.
        """
        overrides = (("response-content-disposition", disposition), ("response-content-type", content_type))
        return presign(
            "GET",
            object_url(self.aws, self.name, key),
            [(name, value) for name, value in overrides if value is not None],
            service="s3",
            region=self.aws.region,
            credentials=self.aws.credentials(),
            now=self.aws.now(),
            expires_seconds=seconds,
        )


def object_url(aws: Aws, bucket: str, key: str = "") -> str:
    """Return the URL of an object, or of the bucket itself."""
    path = percent_encode(key, keep="/")
    override = aws.endpoint_override("s3")
    if override:
        return f"{override}/{bucket}/{path}"
    return f"https://{bucket}.s3.{aws.region}.amazonaws.com/{path}"
