"""Redis: a cache and a limiter. Without it no request fails; what cannot be asked is counted.

Keys: `job:status:{jobId}` · `job:status:{jobId}:ending` · `job:status:epoch` · `ratelimit:user:{userId}:{window}` ·
`ratelimit:user:{userId}:once:{hash}` · `ratelimit:user:{userId}:{kind}:{number}` · `models:config:v1` ·
`models:health:{mediaType}:{modelId}` · `webhook:processed:{replicateId}` · `replicate:pace`.

How the URL says where it is and as whom to log in: `mediagen.cache.cache_url`.
"""

import json
import os
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mediagen import log
from mediagen.aws.errors import AwsError
from mediagen.aws.settings import Aws, aws
from mediagen.aws.tokens import UrlRefused
from mediagen.cache.cache_url import read_url
from mediagen.cache.hourly_limit import GIVE_BACK, ONCE_SECONDS, SPEND, once_keys, window_key
from mediagen.cache.statuses import (
    DOUBTFUL_SECONDS,
    ENDING_SECONDS,
    EPOCH_KEY,
    EXPECT_END,
    RAISE_EPOCH,
    SET_IF_NEWER,
    STATUS_SECONDS,
    TOMBSTONE_SECONDS,
    status_keys,
)
from mediagen.jobs.epochs import epoch_seconds
from mediagen.jobs.job import Document, is_tombstone
from mediagen.limits.quota import WINDOW_SECONDS, Quota, position
from mediagen.tls import tls_context

if TYPE_CHECKING:
    from redis import Redis

CALL_SECONDS = 0.1  # a cache that is slower than this is slower than the stores behind it
REST_SECONDS = 1.0  # how long the circuit stays open; limits are not enforced meanwhile
MODELS_SECONDS = 60 * 60
WEBHOOK_SECONDS = 2 * 60 * 60  # Replicate forgets a prediction after one hour


class Cache:
    """One connection per container. Every method returns "unknown" instead of raising.

    After a failed command the circuit stays open for one second, so a request with five commands waits once. It uses
    the wall clock: a monotonic clock may stand still while Lambda freezes the environment.
    """

    def __init__(
        self, url: Callable[[], str], signer: Callable[[], Aws] = aws, clock: Callable[[], float] = time.time
    ) -> None:
        self._url = url
        self._signer = signer
        self._clock = clock
        self._client: Redis | None = None
        self._unanswered_at: float | None = None
        self._skipped = 0

    def answers(self) -> bool:
        """Return whether Redis answers a command that this login may send."""
        return self._ask(lambda redis: redis.exists("models:config:v1"), though_resting=True) is not None

    def status(self, job_id: str) -> Document | None:
        """Return the newest document of a job, None if it is of another epoch."""
        text, epoch = self._ask(lambda redis: redis.mget(f"job:status:{job_id}", EPOCH_KEY)) or (None, None)
        document: Document | None = json.loads(text) if text else None
        return document if document and epoch and epoch_seconds(document["revision"]) == int(epoch) else None

    def remember_status(self, document: Document, *, is_of_row: bool = True) -> bool:
        """Store a job's document or tombstone, unless a newer revision is stored.

        Returns whether it is of the newest epoch, which only documents made from a row can establish; others are not
        stored. A terminal state is written even if the circuit is open: otherwise an older document may be shown for
        minutes.
        """
        is_deleted = is_tombstone(document)
        is_end = is_deleted or bool(document.get("completedAt"))
        keys = status_keys(document["jobId"])[: 2 if is_end else 3]
        seconds = TOMBSTONE_SECONDS if is_deleted else STATUS_SECONDS
        text, revision = json.dumps(document), document["revision"]
        arguments = (text, revision, seconds, DOUBTFUL_SECONDS, epoch_seconds(revision), int(is_of_row))
        return bool(
            self._ask(lambda redis: redis.eval(SET_IF_NEWER, len(keys), *keys, *arguments), though_resting=is_end)
        )

    def remember_epoch(self, epoch: datetime) -> None:
        """Outdate the documents of earlier epochs."""
        self._ask(lambda redis: redis.eval(RAISE_EPOCH, 1, EPOCH_KEY, int(epoch.timestamp())), though_resting=True)

    def expect_end(self, job_id: str) -> None:
        """Shorten the lifetime of a running job's document to seconds before its terminal state is committed.

        If the function is killed after the commit, nothing else replaces the document.
        """
        document, _, notice = status_keys(job_id)
        self._ask(lambda redis: redis.eval(EXPECT_END, 2, notice, document, ENDING_SECONDS, DOUBTFUL_SECONDS))

    def spend(self, user_id: str, now: datetime, *, limit: int, once: str | None = None) -> Quota | None:
        """Spend one unit of a user's hourly limit, if it allows it.

        Requests with the same `once` cost one unit together.
        """
        quotas = self.spend_each(user_id, now, [once], limit=limit)
        return quotas[0] if quotas else None

    def spend_each(self, user_id: str, now: datetime, onces: Sequence[str | None], *, limit: int) -> list[Quota] | None:
        """Spend one unit for each `once`, in order and in one round trip, up to the limit.

        Either all or none of the entries have a `once`.
        """
        window, passed = position(now)
        names = [name for once in onces for name in once_keys(user_id, once)]
        keys = [window_key(user_id, window), window_key(user_id, window - 1), *names]
        arguments = (limit, passed, WINDOW_SECONDS * 1000, 2 * WINDOW_SECONDS, ONCE_SECONDS, len(onces))
        told = self._ask(lambda redis: redis.eval(SPEND, len(keys), *keys, *arguments))
        return [Quota(limit, last, current, now, bool(admitted)) for admitted, last, current in told] if told else None

    def give_back(self, user_id: str, spent_at: datetime, *, once: str | None = None) -> None:
        """Refund one unit in the window in which it was spent."""
        keys = [window_key(user_id, position(spent_at)[0]), *once_keys(user_id, once)]
        self._ask(lambda redis: redis.eval(GIVE_BACK, len(keys), *keys))

    def look(self, user_id: str, now: datetime, *, limit: int) -> Quota | None:
        """Return the user's quota without spending a unit."""
        window = position(now)[0]
        keys = [window_key(user_id, window - 1), window_key(user_id, window)]
        told = self._ask(lambda redis: redis.mget(keys))
        return Quota(limit, int(told[0] or 0), int(told[1] or 0), now) if told else None

    def models(self) -> Any:
        """Return the cached rows of `model_configurations`. An empty list differs from None (unknown)."""
        text = self._ask(lambda redis: redis.get("models:config:v1"))
        return json.loads(text) if text else None

    def remember_models(self, models: Any, *, changed: bool = False) -> None:
        """Cache the rows of `model_configurations` for an hour. Only changed rows replace others (maybe newer)."""
        text = json.dumps(models)
        self._ask(lambda redis: redis.set("models:config:v1", text, ex=MODELS_SECONDS, nx=not changed))

    def mark_processed(self, replicate_id: str, epoch: int = 0) -> bool:
        """Record that a result was committed in this epoch (seconds); return whether that was recorded before."""
        key, mark = f"webhook:processed:{replicate_id}", f"{epoch} {os.urandom(8).hex()}"
        before = self._ask(lambda redis: redis.set(key, mark, ex=WEBHOOK_SECONDS, get=True))  # own mark: sent twice
        return before not in (None, mark) and before.startswith(f"{epoch} ")

    def ask(self, question: Callable[["Redis"], Any]) -> Any:
        """Run a command of another module (`health`, `pace`). Returns None if Redis is unavailable."""
        return self._ask(question)

    def _ask(self, question: Callable[["Redis"], Any], *, though_resting: bool = False) -> Any:
        if self._rests() and not though_resting:
            self._skipped += 1
            return None
        self._tell_skipped()
        from redis.exceptions import RedisError, ResponseError  # 88 ms, and not every path needs it

        from mediagen.cache.connection import patience

        try:
            if self._client is None:
                self._client = connect(self._url(), self._signer)
            with patience(CALL_SECONDS):
                return question(self._client)
        except (RedisError, OSError, AwsError, UrlRefused) as error:  # AwsError: the parameter that holds the URL
            log.degraded("cache", error)
            if not isinstance(error, ResponseError):  # Redis answered, but refused the command
                self._unanswered_at = self._clock()
            return None

    def _rests(self) -> bool:
        return self._unanswered_at is not None and 0 <= self._clock() - self._unanswered_at < REST_SECONDS

    def _tell_skipped(self) -> None:
        """Count the commands that were skipped while the circuit was open."""
        skipped, self._skipped = self._skipped, 0
        if skipped:
            metrics = [log.Metric("Degraded", skipped, dimensions={"part": "cache"})]
            log.event("cache.rested", level="WARNING", metadata={"skipped": skipped}, metrics=metrics)


def connect(url: str, signer: Callable[[], Aws] = aws) -> "Redis":
    """Return a client for a URL in the form of `cache_url`. It connects at its first command. Raises UrlRefused."""
    from redis import Redis
    from redis.backoff import NoBackoff
    from redis.exceptions import ConnectionError as ConnectionLost
    from redis.retry import Retry

    from mediagen.cache.connection import BoundedConnection, over_tls
    from mediagen.cache.login import IamLogin

    target = read_url(url)
    client: Redis = Redis.from_url(
        target.address,
        credential_provider=IamLogin(signer, cache=target.iam, user=target.user) if target.iam else None,
        connection_class=over_tls(tls_context(target.roots)) if target.over_tls else BoundedConnection,
        protocol=2,  # with the next line: 2 round trips to connect and send a command, instead of 6
        driver_info=None,
        decode_responses=True,
        socket_timeout=CALL_SECONDS,
        socket_connect_timeout=CALL_SECONDS,
        retry=Retry(NoBackoff(), 1, (ConnectionLost,)),  # the server closes connections of frozen environments
    )
    return client
