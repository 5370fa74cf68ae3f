"""Tags that AWS refuses on any resource."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from aws_requests.request import Request
from aws_requests.rules.checks import Problem, whole_recording

# The characters that every service takes: letters, digits, spaces and _ . : / = + - @
_FORBIDDEN = re.compile(r"[^\w\s.:/=+\-@]")


@whole_recording(source="https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html")
def are_acceptable(recording: Sequence[Request]) -> Iterator[Problem]:
    for request in recording:
        tags = list(_tags(request.parameters))
        if len(tags) > 50:
            yield request, f"{len(tags)} tags; AWS allows 50"
        for key, value in tags:
            if key.lower().startswith("aws:") or not 1 <= len(key) <= 128:
                yield request, f"the tag {key!r}: 1 to 128 characters, and not aws: at its beginning"
            if len(value) > 256:
                yield request, f"the value of the tag {key!r} has more than 256 characters"
            if _FORBIDDEN.search(key + value):
                yield request, f"the tag {key!r} has a character that not every service takes"


def _tags(parameters: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield tags as each service writes them: a map, or a list of Key and Value or of TagKey and TagValue."""
    specifications = parameters.get("TagSpecifications")
    for group in [parameters, *(specifications if isinstance(specifications, list) else [])]:
        given = group.get("Tags") or group.get("tags") or {}
        if isinstance(given, dict):
            yield from ((key, value) for key, value in given.items() if isinstance(value, str))
            continue
        for tag in given if isinstance(given, list) else []:
            yield tag.get("Key", tag.get("TagKey", "")), tag.get("Value", tag.get("TagValue")) or ""
