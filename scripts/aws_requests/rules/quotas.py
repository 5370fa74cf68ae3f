"""Quotas of a new account."""

from collections.abc import Iterator, Sequence

from aws_requests.request import Request
from aws_requests.rules.checks import Problem, whole_recording
from aws_requests.rules.history import answered

_QUOTAS = "https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html"


@whole_recording(source=_QUOTAS)
def addresses(recording: Sequence[Request]) -> Iterator[Problem]:
    for request, count in _existing(recording, "ec2.AllocateAddress", "ec2.ReleaseAddress"):
        if count > 5:
            yield request, f"{count} elastic IPs in {request.region}; a new account has 5 in each region"


@whole_recording(source=_QUOTAS)
def networks(recording: Sequence[Request]) -> Iterator[Problem]:
    for request, count in _existing(recording, "ec2.CreateVpc", "ec2.DeleteVpc"):
        if count + 1 > 5:  # each region of a new account has its default VPC
            yield (
                request,
                f"{count} VPCs beside the default one in {request.region}; a new account has 5 in each region",
            )


def _existing(recording: Sequence[Request], create: str, delete: str) -> Iterator[tuple[Request, int]]:
    """Yield each request that creates one, with how many exist after it in its region."""
    counts: dict[str, int] = {}
    for request in answered(recording, create, delete):
        counts[request.region] = max(0, counts.get(request.region, 0) + (1 if request.name == create else -1))
        if request.name == create:
            yield request, counts[request.region]
