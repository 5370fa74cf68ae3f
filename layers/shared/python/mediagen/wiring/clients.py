"""Clients that handlers pass to their flows, made on first use and kept for the life of the container."""

from collections.abc import Callable
from functools import cache

from mediagen.access.authenticate import Judges
from mediagen.aws.job_table import JobTable
from mediagen.aws.limits import AUTHORIZING, STARTING, Limits
from mediagen.aws.queue import Queue
from mediagen.aws.secrets import Secrets
from mediagen.aws.settings import aws
from mediagen.cache.cache import Cache
from mediagen.cache.failed_keys import FailedKeys
from mediagen.cache.known_keys import KnownKeys
from mediagen.cache.pace import Pace
from mediagen.lifecycle.projection import Projection
from mediagen.models.catalogue import Catalogue
from mediagen.models.health import ModelHealth
from mediagen.records.absences import AbsenceRecords
from mediagen.records.access import AccessRecords, User
from mediagen.records.batches import BatchRecords
from mediagen.records.callback_secrets import CallbackSecrets
from mediagen.records.callbacks import CallbackRecords
from mediagen.records.claims import ClaimRecords
from mediagen.records.database import Database
from mediagen.records.jobs import JobRecords
from mediagen.replicate.client import Replicate
from mediagen.settings import StoreUrl

JUDGING_SECONDS = 3  # of the five that `authorize` has; the server ends the statement two seconds later
RETRY_SECONDS = (5, 15, 45, 120)  # all five receives fit well into Replicate's hour
MAX_RECEIVES = len(RETRY_SECONDS) + 1  # the queues' redrive policy


@cache
def secrets() -> Secrets:
    """Return the reader of secrets and parameters."""
    return Secrets(aws())


def url_of(store: StoreUrl, limits: Limits = STARTING) -> str:
    """Return the URL of a store. Raises AwsError if Parameter Store is needed and does not answer."""
    return store.url or secrets().parameter(str(store.parameter), limits)


@cache
def database(store: StoreUrl) -> Database:
    """Return the database at a URL."""
    return Database(lambda: url_of(store))


@cache
def cache_of(store: StoreUrl) -> Cache:
    """Return the cache at a URL."""
    return Cache(lambda: url_of(store))


@cache
def job_records(store: StoreUrl) -> JobRecords:
    """Return the jobs of the database at a URL."""
    return JobRecords(database(store))


@cache
def absence_records(store: StoreUrl) -> AbsenceRecords:
    """Return the evidence of absence in the database at a URL."""
    return AbsenceRecords(database(store))


@cache
def batch_records(store: StoreUrl) -> BatchRecords:
    """Return the batches of the database at a URL."""
    return BatchRecords(database(store), job_records(store))


@cache
def claim_records(store: StoreUrl) -> ClaimRecords:
    """Return the idempotency keys of the database at a URL."""
    return ClaimRecords(database(store))


@cache
def callback_records(store: StoreUrl) -> CallbackRecords:
    """Return the callbacks of the database at a URL."""
    return CallbackRecords(database(store))


@cache
def callback_secrets(store: StoreUrl) -> CallbackSecrets:
    """Return the signing secrets of callbacks."""
    return CallbackSecrets(database(store))


@cache
def judges(database_url: StoreUrl, cache_url: StoreUrl, failures_per_address: int) -> Judges[User]:
    """Return the authentication of API keys. Its database times out early enough to use the cached verdicts."""
    failed_keys = FailedKeys(lambda: url_of(cache_url, AUTHORIZING))
    own = Database(lambda: url_of(database_url, AUTHORIZING), silence_seconds=JUDGING_SECONDS)
    return Judges(AccessRecords(own).find_user, failed_keys, failures_per_address)


@cache
def known_keys(cache_url: StoreUrl) -> KnownKeys:
    """Return the keys that were valid within the last hour."""
    return KnownKeys(lambda: url_of(cache_url, AUTHORIZING))


@cache
def catalogue(models: str, cache_url: StoreUrl, database_url: StoreUrl) -> Catalogue:
    """Return the catalogue of models."""
    return Catalogue(models, cache_of(cache_url), database(database_url))


@cache
def model_health(cache_url: StoreUrl) -> ModelHealth:
    """Return the circuit breakers of models."""
    return ModelHealth(cache_of(cache_url))


@cache
def pace(cache_url: StoreUrl, creates_per_minute: int) -> Pace:
    """Return the shared rate limiter of submissions."""
    return Pace(cache_of(cache_url), creates_per_minute)


@cache
def projection(table: str, cache_url: StoreUrl, callbacks_queue_url: str | None = None) -> Projection:
    """Return the projection of jobs; with a queue it also queues the callbacks of completed jobs."""
    callbacks = Queue(aws(), callbacks_queue_url) if callbacks_queue_url else None
    return Projection(JobTable(aws(), table), cache_of(cache_url), model_health(cache_url), callbacks)


@cache
def replicate(base_url: str, token_secret: str, before_read: Callable[[], None] = lambda: None) -> Replicate:
    """Return the client of Replicate. Its token is in a secret."""
    return Replicate(base_url, lambda: secrets().secret(token_secret), before_read=before_read)


def retry_later(change_visibility: Callable[..., None]) -> Callable[[str, int], None]:
    """Return a function that delays a failed message, longer with each receive."""

    def later(receipt_handle: str, receives: int) -> None:
        seconds = RETRY_SECONDS[min(receives, len(RETRY_SECONDS)) - 1]
        change_visibility(receipt_handle, timeout_seconds=seconds)

    return later
