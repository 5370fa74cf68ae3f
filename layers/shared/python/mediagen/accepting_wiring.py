"""What the functions that accept jobs connect `accepting` to."""

from dataclasses import dataclass
from decimal import Decimal

from mediagen import wiring
from mediagen.accepting import Ports
from mediagen.admission import Limits
from mediagen.submission_wiring import SubmissionSettings, submission_ports


@dataclass(frozen=True, slots=True)
class AcceptingSettings(SubmissionSettings):
    """The environment they all have."""

    rate_limit_per_hour: int
    concurrent_jobs: int | None
    monthly_budget: Decimal | None


def accepting_ports(settings: AcceptingSettings) -> Ports:
    """Connect `accepting`."""
    return Ports(
        catalogue=wiring.catalogue(settings.models, settings.redis_url_parameter, settings.database_url_parameter),
        limiter=wiring.cache_of(settings.redis_url_parameter),
        limit_per_hour=settings.rate_limit_per_hour,
        records=wiring.job_records(settings.database_url_parameter),
        claims=wiring.claim_records(settings.database_url_parameter),
        submission=submission_ports(settings),
        defaults=Limits(settings.concurrent_jobs, settings.monthly_budget),
    )
