"""Emptying a folder of the media bucket for good: the bucket keeps what is deleted unless each version is named.
Reading what describes the folder, before that.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
"""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from itertools import batched
from typing import TYPE_CHECKING, NamedTuple

from mediagen.aws.client import Request, send
from mediagen.aws.errors import AwsError
from mediagen.aws.limits import INTERACTIVE
from mediagen.aws.media_bucket import object_url
from mediagen.aws.settings import Aws
from mediagen.aws.signing import EMPTY_SHA256, percent_encode

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MOST_AT_ONCE = 1000  # keys of one request, for listing and for deleting
_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"


class Version(NamedTuple):
    """One version of an object; without an id it is whatever version is the newest."""

    key: str
    id: str = ""
    is_newest: bool = False


class MediaErasure:
    """Deletes from one bucket."""

    def __init__(self, aws: Aws, bucket: str) -> None:
        self.aws = aws
        self.bucket = bucket

    def erase(self, prefix: str) -> int:
        """Delete every version of every object under a prefix; returns how many there were. Raises AwsError.

        First each object gets a delete marker: a copy of the bucket in another region takes those over, and no
        deletion of a version. Without a marker it would keep the object for ever. The markers, which have no content,
        are left to the bucket's lifecycle, since S3 may not have copied them yet.
        """
        if prefix.count("/") < 2 or not prefix.endswith("/"):
            raise ValueError(f"not the folder of a job: {prefix!r}")
        versions = list(self._versions(prefix))
        self._delete([Version(version.key) for version in versions if version.is_newest])
        self._delete(versions)
        return len(versions)

    def read(self, key: str) -> bytes | None:
        """Return an object; None if there is none. Raises AwsError."""
        # Listed first: S3 answers 403, not 404, for a missing object if the role may not list objects.
        if not any(version.key == key and version.is_newest for version in self._versions(key)):
            return None
        url = object_url(self.aws, self.bucket, key)
        return send(self.aws, Request("s3", "GET", url, {}, b"", EMPTY_SHA256), INTERACTIVE).body

    def _versions(self, prefix: str) -> Iterator[Version]:
        start = ""
        while True:
            page = self._ask("GET", f"versions&prefix={percent_encode(prefix)}{start}")
            for found in page.iterfind("{*}Version"):
                yield Version(_text(found, "Key"), _text(found, "VersionId"), _text(found, "IsLatest") == "true")
            if _text(page, "IsTruncated") != "true":
                return
            key, version_id = _text(page, "NextKeyMarker"), _text(page, "NextVersionIdMarker")
            start = f"&key-marker={percent_encode(key)}&version-id-marker={percent_encode(version_id)}"

    def _delete(self, versions: Sequence[Version]) -> None:
        for batch in batched(versions, MOST_AT_ONCE, strict=False):
            answer = self._ask("POST", "delete", _named(batch))
            refused = answer.find("{*}Error")
            if refused is not None:
                raise AwsError(_text(refused, "Code"), 200, _text(refused, "Message"))

    def _ask(self, method: str, query: str, body: bytes = b"") -> "Element":
        from xml.etree import ElementTree  # 10 ms, for those who erase only

        digest = hashlib.sha256(body).hexdigest() if body else EMPTY_SHA256
        url = f"{object_url(self.aws, self.bucket)}?{query}"
        answer = send(self.aws, Request("s3", method, url, _headers(body), body, digest), INTERACTIVE)
        return ElementTree.fromstring(answer.body)  # nosec B314 # the answer of S3, signed for and over verified TLS


def _headers(body: bytes) -> dict[str, str]:
    if not body:
        return {}
    digest = hashlib.md5(body, usedforsecurity=False).digest()  # S3 insists, though the signature covers the body
    return {"Content-Type": "application/xml", "Content-MD5": base64.b64encode(digest).decode()}


def _named(versions: Sequence[Version]) -> bytes:
    from xml.etree import ElementTree

    document = ElementTree.Element("Delete", xmlns=_NAMESPACE)
    ElementTree.SubElement(document, "Quiet").text = "true"
    for version in versions:
        named = ElementTree.SubElement(document, "Object")
        ElementTree.SubElement(named, "Key").text = version.key
        if version.id:
            ElementTree.SubElement(named, "VersionId").text = version.id
    return ElementTree.tostring(document)


def _text(element: "Element", name: str) -> str:
    return element.findtext(f"{{*}}{name}", "")
