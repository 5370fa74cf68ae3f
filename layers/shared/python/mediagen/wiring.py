"""What the handlers connect their flows to: clients made on first use, kept for the life of the container."""

from collections.abc import Callable
from functools import cache

from mediagen.aws.job_table import JobTable
from mediagen.aws.queue import Queue
from mediagen.aws.secrets import Secrets
from mediagen.aws.settings import aws
from mediagen.cache.cache import Cache
from mediagen.cache.failed_keys import FailedKeys
from mediagen.cache.known_keys import KnownKeys
from mediagen.cache.pace import Pace
from mediagen.catalogue import Catalogue
from mediagen.judging import Judges
from mediagen.model_health import ModelHealth
from mediagen.projection import Projection
from mediagen.records.access import AccessRecords, User
from mediagen.records.batches import BatchRecords
from mediagen.records.callback_secrets import CallbackSecrets
from mediagen.records.callbacks import CallbackRecords
from mediagen.records.claims import ClaimRecords
from mediagen.records.database import Database
from mediagen.records.jobs import JobRecords
from mediagen.replicate import Replicate

JUDGING_SECONDS = 2  # and one more until its silence is noticed, of the five that `authorize` has
RETRY_SECONDS = (5, 15, 45, 120)  # all five receives fit well into Replicate's hour


@cache
def secrets() -> Secrets:
    """Return the reader of secrets and parameters."""
    return Secrets(aws())


@cache
def database(parameter: str) -> Database:
    """Return the database whose URL is in a parameter."""
    return Database(lambda: secrets().parameter(parameter))


@cache
def cache_of(parameter: str) -> Cache:
    """Return the cache whose URL is in a parameter."""
    return Cache(lambda: secrets().parameter(parameter))


@cache
def job_records(parameter: str) -> JobRecords:
    """Return the jobs of the database whose URL is in a parameter."""
    return JobRecords(database(parameter))


@cache
def batch_records(parameter: str) -> BatchRecords:
    """Return the batches of the database whose URL is in a parameter."""
    return BatchRecords(database(parameter), job_records(parameter))


@cache
def claim_records(parameter: str) -> ClaimRecords:
    """Return the idempotency keys of the database whose URL is in a parameter."""
    return ClaimRecords(database(parameter))


@cache
def callback_records(parameter: str) -> CallbackRecords:
    """Return the callbacks of the database whose URL is in a parameter."""
    return CallbackRecords(database(parameter))


@cache
def callback_secrets(parameter: str) -> CallbackSecrets:
    """Return what callbacks are signed with, from the database whose URL is in a parameter."""
    return CallbackSecrets(database(parameter))


@cache
def judges(database_parameter: str, cache_parameter: str, failures_per_address: int) -> Judges[User]:
    """Return what judges API keys. Their database gives up while there is still time to ask who is known."""
    failed_keys = FailedKeys(lambda: secrets().parameter(cache_parameter))
    own = Database(lambda: secrets().parameter(database_parameter), statement_seconds=JUDGING_SECONDS)
    return Judges(AccessRecords(own).find_user, failed_keys, failures_per_address)


@cache
def known_keys(cache_parameter: str) -> KnownKeys:
    """Return whose keys were right in the last hour."""
    return KnownKeys(lambda: secrets().parameter(cache_parameter))


@cache
def catalogue(models: str, cache_parameter: str, database_parameter: str) -> Catalogue:
    """Return the models there are."""
    return Catalogue(models, cache_of(cache_parameter), database(database_parameter))


@cache
def model_health(cache_parameter: str) -> ModelHealth:
    """Return the circuit breakers of models."""
    return ModelHealth(cache_of(cache_parameter))


@cache
def pace(cache_parameter: str, creates_per_minute: int) -> Pace:
    """Return how fast jobs are handed over."""
    return Pace(cache_of(cache_parameter), creates_per_minute)


@cache
def projection(table: str, cache_parameter: str, callbacks_queue_url: str | None = None) -> Projection:
    """Return what shows jobs in the job table and the cache, and for who ends jobs tells their clients."""
    callbacks = Queue(aws(), callbacks_queue_url) if callbacks_queue_url else None
    return Projection(JobTable(aws(), table), cache_of(cache_parameter), model_health(cache_parameter), callbacks)


@cache
def replicate(base_url: str, token_secret: str) -> Replicate:
    """Return Replicate's client; the token is in a secret."""
    return Replicate(base_url, lambda: secrets().secret(token_secret))


def retry_later(change_visibility: Callable[..., None]) -> Callable[[str, int], None]:
    """Bring a failed message back after some seconds, more with each receive."""

    def later(receipt_handle: str, receives: int) -> None:
        seconds = RETRY_SECONDS[min(receives, len(RETRY_SECONDS)) - 1]
        change_visibility(receipt_handle, timeout_seconds=seconds)

    return later
