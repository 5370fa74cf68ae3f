"""Read a user's jobs from every store."""

import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import redis
import urllib3

from common.aws import Aws
from local_cloud.state import Environment
from mediagen.records.database import connect

type Told = tuple[str, int]  # a status and its revision

_JOBS = """
SELECT CAST(jobs.id AS text), status, revision, error_code, callback_url, key, completed_at
FROM jobs LEFT JOIN idempotency_keys ON job_id = jobs.id WHERE jobs.user_id = :user_id
"""
_HISTORY = """
SELECT CAST(job_id AS text), array_agg(job_events.revision ORDER BY job_events.id),
       (array_agg(to_status ORDER BY job_events.id DESC))[1]
FROM job_events JOIN jobs ON jobs.id = job_id WHERE user_id = :user_id GROUP BY job_id
"""
_OUTPUTS = """
SELECT CAST(job_id AS text), media_outputs.key, bytes
FROM media_outputs JOIN jobs ON jobs.id = job_id WHERE user_id = :user_id
"""
_CALLBACKS = """
SELECT CAST(job_id AS text), state FROM callbacks JOIN jobs ON jobs.id = job_id WHERE user_id = :user_id
"""
_UNFINISHED = """
SELECT count(*) FROM jobs WHERE user_id = :user_id AND completed_at IS NULL AND created_at <= :moment
"""


@dataclass(frozen=True)
class Record:
    """A job in PostgreSQL; `history` has its revisions in the order in which they were written."""

    status: str
    revision: int
    error_code: str | None = None
    callback_url: str | None = None
    key: str | None = None
    ended_at: datetime | None = None
    history: tuple[int, ...] = ()
    last_status: str = ""
    outputs: Mapping[str, int] = field(default_factory=dict)
    callback: str | None = None


@dataclass(frozen=True)
class Evidence:
    """All stores by job id, objects by key; `paid` counts the billed predictions of each job at the simulator."""

    jobs: Mapping[str, Record]
    table: Mapping[str, Told]
    cache: Mapping[str, Told]
    objects: Mapping[str, int]
    paid: Mapping[str, int]
    told: Mapping[str, int]


@dataclass(frozen=True)
class Stores:
    """The stores of a running cloud, and the number of callbacks received for each job."""

    environment: Environment
    aws: Aws
    user_id: str
    called_back: Mapping[str, int]

    def read(self) -> Evidence:
        """Read everything."""
        jobs = self._jobs()
        return Evidence(
            jobs, self._table(), self._cache(list(jobs)), self._objects(), self._paid(), dict(self.called_back)
        )

    def unfinished(self, moment: datetime) -> int:
        """Count the jobs that were accepted by `moment` and are not final."""
        return int(self._sql(_UNFINISHED, moment=moment)[0][0])

    def ended(self) -> int:
        """Count the final jobs."""
        return int(self._sql("SELECT count(*) FROM jobs WHERE user_id = :user_id AND completed_at IS NOT NULL")[0][0])

    def _jobs(self) -> dict[str, Record]:
        none: tuple[tuple[int, ...], str] = ((), "")
        history = {job_id: (tuple(revisions), last) for job_id, revisions, last in self._sql(_HISTORY)}
        callbacks = dict(self._sql(_CALLBACKS))
        outputs: dict[str, dict[str, int]] = {}
        for job_id, key, size in self._sql(_OUTPUTS):
            outputs.setdefault(job_id, {})[key] = size
        return {
            job_id: Record(
                status,
                revision,
                error,
                url,
                key,
                ended_at,
                *history.get(job_id, none),
                outputs.get(job_id, {}),
                callbacks.get(job_id),
            )
            for job_id, status, revision, error, url, key, ended_at in self._sql(_JOBS)
        }

    def _sql(self, statement: str, **parameters: Any) -> list[list[Any]]:
        with closing(connect(self.environment.url("postgres"))) as connection:
            return list(connection.run(statement, user_id=self.user_id, **parameters) or [])

    def _table(self) -> dict[str, Told]:
        pages = (
            self.aws.client("dynamodb")
            .get_paginator("scan")
            .paginate(TableName=self.environment.outputs["job_table"], ConsistentRead=True)
        )
        items = [
            item for page in pages for item in page["Items"] if "status" in item
        ]  # neither a tombstone nor the watermark
        return {item["jobId"]["S"]: (item["status"]["S"], int(item["revision"]["N"])) for item in items}

    def _cache(self, job_ids: list[str]) -> dict[str, Told]:
        with redis.Redis.from_url(self.environment.url("redis"), decode_responses=True) as client:
            texts = client.mget([f"job:status:{job_id}" for job_id in job_ids]) if job_ids else []
        documents = [json.loads(text) for text in texts if text]
        return {document["jobId"]: (document["status"], document["revision"]) for document in documents}

    def _objects(self) -> dict[str, int]:
        bucket = self.environment.outputs["media_bucket"]
        pages = self.aws.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket)
        return {found["Key"]: found["Size"] for page in pages for found in page.get("Contents", ())}

    def _paid(self) -> dict[str, int]:
        report = urllib3.request("GET", f"{self.environment.url('simulator')}/control/predictions", timeout=30).json()
        return {job_id: counts["billable"] for job_id, counts in report["jobs"].items()}
