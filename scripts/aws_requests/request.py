"""A recorded request to AWS, and a finding: a rule of AWS that the request breaks."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class Request:
    """One request to AWS, in the terms of botocore's service models.

    `parameters` has the operation's members by their API names, parsed on the server side: blobs are bytes, timestamps
    are datetimes. `answer` has the same for the response, as far as a rule needs generated ids and ARNs; it is empty if
    the request failed.
    """

    number: int  # position in the recording, from 1
    service: str  # botocore's service name: lambda, sqs, apigatewayv2
    operation: str  # CreateFunction
    parameters: Mapping[str, Any]
    caller: str  # name of the role whose credentials signed it, or "root"
    status: int = 200  # HTTP status of the answer
    answer: Mapping[str, Any] = field(default_factory=dict)
    region: str = "us-east-1"

    @cached_property  # two hundred rules ask each of 50,000 requests
    def name(self) -> str:
        """Service and operation: `lambda.CreateFunction`."""
        return f"{self.service}.{self.operation}"


@dataclass(frozen=True)
class Finding:
    """A request that AWS would refuse, or accept and do something else than meant."""

    rule: str  # name of the rule, by which an exception is listed
    request: Request
    message: str  # what is wrong and what AWS expects; never a secret value
    source: str  # URL of AWS's documentation, or the name of the model

    def __str__(self) -> str:
        return f"{self.rule}: request {self.request.number} ({self.request.name}): {self.message} [{self.source}]"


type Rule = Callable[[Sequence[Request]], Iterable[Finding]]
"""A rule sees the whole recording in order, because many rules join requests (a queue and its event source)."""
