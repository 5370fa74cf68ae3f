"""Topics and notifications that SNS refuses."""

import re
from collections.abc import Iterator

from aws_requests.rules.checks import Parameters, each_request

_API = "https://docs.aws.amazon.com/sns/latest/api"


@each_request("sns.CreateTopic", source=f"{_API}/API_CreateTopic.html")
def names(parameters: Parameters) -> Iterator[str]:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}(\.fifo)?", parameters["Name"]):
        yield f"the topic name {parameters['Name']!r} must be 1 to 256 letters, digits, hyphens or underscores"


@each_request("sns.Publish", source=f"{_API}/API_Publish.html")
def messages(parameters: Parameters) -> Iterator[str]:
    if not 1 <= len(parameters.get("Message", "").encode()) <= 262_144:
        yield "a message has 1 to 262144 bytes"
    subject = parameters.get("Subject")
    if subject is not None and not re.fullmatch(r"[A-Za-z0-9!-~][ -~]{0,99}", subject):
        yield "a subject is one line of at most 100 ASCII characters that does not begin with a space"
