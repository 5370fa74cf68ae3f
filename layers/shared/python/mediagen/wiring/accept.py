"""Dependencies of the functions that accept jobs."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from mediagen.access.callers import TokenUser
from mediagen.cache.waits import Waits
from mediagen.lifecycle.accept import Ports
from mediagen.limits.budget import Limits
from mediagen.outbound.addresses import PublicHosts
from mediagen.outbound.callback_urls import SLOW_LOOKUPS, CallbackUrls
from mediagen.records.access import AccessRecords
from mediagen.settings import StoreUrl
from mediagen.times import utc_now
from mediagen.wiring import clients
from mediagen.wiring.submit import SubmissionSettings, submission_ports

LOOKUP_SECONDS = 5  # no slow look-up lasts longer; the slot of a killed function expires then


@dataclass(frozen=True, slots=True)
class AcceptingSettings(SubmissionSettings):
    """The environment of these functions. `allowed_callback_origins` is for the local environment only."""

    rate_limit_per_hour: int
    concurrent_jobs: int | None
    monthly_budget: Decimal | None
    allowed_callback_origins: str | None


def accepting_ports(settings: AcceptingSettings) -> Ports:
    """Return the ports of accepting."""
    slots = Waits(clients.cache_of(settings.redis_url), SLOW_LOOKUPS, kind="lookup", seconds=LOOKUP_SECONDS)
    return Ports(
        catalogue=clients.catalogue(settings.models, settings.redis_url, settings.database_url),
        limiter=clients.cache_of(settings.redis_url),
        limit_per_hour=settings.rate_limit_per_hour,
        records=clients.job_records(settings.database_url),
        claims=clients.claim_records(settings.database_url),
        submission=submission_ports(settings),
        # Once per user and container; a failed insert is retried with the next request.
        add_token_user=lru_cache(maxsize=10_000)(_adding_users(settings.database_url)),
        defaults=Limits(settings.concurrent_jobs, settings.monthly_budget),
        callback_urls=CallbackUrls(PublicHosts.parse(settings.allowed_callback_origins), place=slots.place),
    )


def _adding_users(database_url: StoreUrl) -> Callable[[TokenUser], None]:
    records = AccessRecords(clients.database(database_url))
    return lambda user: records.add_token_user(user, utc_now())
