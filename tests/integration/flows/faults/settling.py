"""After the fault: time passes, queues are worked off and the poller runs, until there is nothing left to do."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine
from redis import Redis

from integration.databases import empty_tables
from integration.flows.cloud import SIGNING, TABLE, TOKEN
from integration.flows.containers import new_container
from integration.flows.faults.restored import Restored
from integration.flows.faults.wire import Wire
from integration.flows.world import World
from integration.media.file_host import FileHost
from integration.stores.jobs import add_user
from integration.waiting import eventually
from mediagen.aws.errors import AwsError
from mediagen.errors.refusals import Unavailable
from mediagen.times import iso
from replicate_simulator.predictions import TERMINAL, Prediction
from replicate_simulator.settings import OWN_ACCOUNT, Account

NEVER = datetime.max.replace(tzinfo=UTC)
BOUND = timedelta(hours=2)  # the deadline of a job (30 min), Replicate's hour, and some rounds of the poller
POLLER = timedelta(minutes=5)
TICK = timedelta(minutes=1)
FORGETTING = timedelta(minutes=6)  # a document that a failed write left in the cache is gone by then

_UNFINISHED = """
SELECT (SELECT count(*) FROM jobs WHERE completed_at IS NULL),
       (SELECT count(*) FROM callbacks WHERE state = 'pending'), (SELECT count(*) FROM jobs WHERE erase_at IS NOT NULL)
"""
_ENDS = """
SELECT CAST(jobs.id AS text), status, revision, cost, error_code, completed_at,
       (SELECT count(*) FROM media_outputs WHERE job_id = jobs.id), deleted_at IS NOT NULL
FROM jobs WHERE completed_at IS NOT NULL
"""


@dataclass
class Stage:
    """A world whose steps may fail and whose time is the test's."""

    world: World
    wire: Wire
    clock: time_machine.Traveller
    receiver: FileHost
    redis: Redis
    callback_url: str
    accepted: list[str] = field(default_factory=list)
    graves: dict[str, str] = field(default_factory=dict)
    calm_since: datetime = NEVER  # no fault and no pause of the poller from then on
    restored: Restored = field(default_factory=Restored)
    account: str = OWN_ACCOUNT  # of Replicate, whose token the functions have
    token_changes: int = 0

    def now(self) -> datetime:
        """Tell what time it is."""
        return datetime.now(UTC)

    def pass_time(self, span: timedelta) -> None:
        """Let time pass for the functions, the queues, Replicate, and for Redis, whose clock is its own."""
        self.clock.shift(span)
        milliseconds = int(span / timedelta(milliseconds=1))
        for key in self.redis.scan_iter():
            left = int(str(self.redis.pttl(key)))
            if left >= 0:
                self.redis.pexpire(key, max(left - milliseconds, 0))

    def flow(self, act: Callable[[], object], done: Callable[[], object] = lambda: None) -> None:
        """Let one function do its work in a new container, with the fault that was chosen."""
        new_container()
        is_dealt_with: object = False
        with self.wire.watching():
            is_dealt_with = act()
        if self.wire.is_dead:  # a killed process holds no connections, so no locks
            new_container()
        if is_dealt_with:
            done()

    def settle(self) -> timedelta:
        """Let everything take its course; returns how long it took."""
        began = self.now()
        self.wire.stop()
        self.calm_since = min(self.calm_since, began)
        new_container()
        self._work_until_quiet(began)
        took = self.now() - began
        self.pass_time(POLLER)
        self.world.check()  # repairs what is shown
        self._work_until_quiet(self.now())
        self.pass_time(FORGETTING)
        return took

    def _work_until_quiet(self, began: datetime) -> None:
        next_check = began + POLLER
        while not self.is_quiet():
            assert self.now() - began < BOUND, f"not over within {BOUND}: {self.unfinished()}"
            self.replicate_ends()
            self.world.pump()
            is_idle = not any(self.messages(name) for name in self.world.queues)
            self.pass_time(next_check - self.now() if is_idle else TICK)
            if self.now() >= next_check:
                self.world.check()
                next_check += POLLER

    def check(self) -> None:
        """Let the poller run; where it cannot even ask PostgreSQL it fails as a whole, and comes again."""
        try:
            self.world.check()
        except (Unavailable, AwsError):
            assert self.wire.failing

    def replicate_ends(self) -> None:
        """Let what runs at Replicate come to its end; that takes hundredths of a second there."""
        store = self.world.replicate.simulator.store
        eventually(lambda: all(map(_rests, store.newest_first())), "the end of all predictions")

    def is_over_at_replicate(self, job_id: str) -> bool:
        """Return whether the prediction of a job has ended, after waiting for one that is about to."""
        self.replicate_ends()
        store = self.world.replicate.simulator.store
        return any(one.job == job_id and one.status in TERMINAL for one in store.newest_first())

    def ends(self) -> dict[str, list[Any]]:
        """Tell how every job that has ended did so."""
        return {job_id: end for job_id, *end in self.world.sql.run(_ENDS)}

    def is_quiet(self) -> bool:
        """Tell whether nobody has anything left to do."""
        return not any(self.unfinished())

    def unfinished(self) -> list[int]:
        """Count the jobs, callbacks and deletions that are not over, and the messages in all queues."""
        [counts] = self.world.sql.run(_UNFINISHED)
        return [*counts, *(self.messages(name) for name in self.world.queues)]

    def messages(self, name: str) -> int:
        """Count the messages of a queue: those that wait, are delayed, or are out with a worker."""
        return self.world.cloud.held(self.world.queues[name])

    def received(self, name: str) -> Any:
        """Receive the next message of a queue; it is hidden for a while."""
        url, sqs = self.world.queues[name], self.world.cloud.client("sqs")
        asked = {"QueueUrl": url, "MessageSystemAttributeNames": ["ApproximateReceiveCount"]}
        [message] = eventually(lambda: sqs.receive_message(**asked).get("Messages"), f"a message in {name}")
        return message

    def taken(self, name: str, message: Any) -> None:
        """Delete a message that was dealt with."""
        url = self.world.queues[name]
        self.world.cloud.client("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])

    def cached(self, job_id: str) -> dict[str, Any] | None:
        """Read a job's document from the cache."""
        text = self.redis.get(f"job:status:{job_id}")
        return json.loads(str(text)) if text else None

    def forget(self, job_id: str) -> None:
        """Take a job out of the cache and the job table, as after an outage of both."""
        self.redis.delete(f"job:status:{job_id}")
        created = self.world.job(job_id).created_at
        key = {"jobId": {"S": job_id}, "timestamp": {"S": iso(created)}}
        self.world.cloud.client("dynamodb").delete_item(TableName=TABLE, Key=key)

    def visible(self, name: str) -> list[Any]:
        """Receive one message of a queue, if one is there."""
        asked = {"QueueUrl": self.world.queues[name], "MessageSystemAttributeNames": ["ApproximateReceiveCount"]}
        return list(self.world.cloud.client("sqs").receive_message(**asked).get("Messages", []))

    def empty(self) -> None:
        """Begin anew: nobody has asked for anything yet."""
        self.wire.forget()
        self.calm_since = NEVER
        self.restored.clear()
        self.use_own_account()
        new_container()
        self.world.replicate.simulator.reset()
        empty_tables(self.world.sql)
        self.world.user_id = add_user(self.world.sql)
        self.redis.flushall()
        self.world.cloud.empty_bucket()
        self.world.cloud.empty_table()
        self.pass_time(timedelta(minutes=2))  # a queue may not be emptied more often than once in a minute
        for url in (*self.world.queues.values(), *self.graves.values()):
            self.world.cloud.client("sqs").purge_queue(QueueUrl=url)
        for kept in (self.accepted, self.receiver.bodies, self.receiver.requests):
            kept.clear()

    def use_account(self, account: Account) -> None:
        """Give the functions another token. The signing secrets of both accounts are valid, as during a rotation."""
        settings, cloud = self.world.replicate.settings, self.world.cloud
        cloud.secret(TOKEN, account.token)
        cloud.secret(SIGNING, " ".join(each.webhook_secret for each in settings.accounts))
        self.account, self.token_changes = account.username, self.token_changes + 1

    def use_own_account(self) -> None:
        """Begin with the token of the first account, as if it had never been another."""
        if self.token_changes:
            settings = self.world.replicate.settings
            self.world.cloud.first_secret(TOKEN, settings.api_token)
            self.world.cloud.first_secret(SIGNING, settings.webhook_secret)
            self.account, self.token_changes = OWN_ACCOUNT, 0

    def bury(self) -> None:
        """Let messages that fail five times end among the dead letters, as in AWS."""
        for name, url in self.world.queues.items():
            self.graves[name] = self.world.cloud.queue()
            self.world.cloud.bury(url, self.graves[name], receives=5)

    def redrive(self) -> None:
        """Bring the dead letters back."""
        sqs = self.world.cloud.client("sqs")
        for name, grave in self.graves.items():
            while letters := sqs.receive_message(QueueUrl=grave, MaxNumberOfMessages=10).get("Messages"):
                for letter in letters:
                    sqs.send_message(QueueUrl=self.world.queues[name], MessageBody=letter["Body"])
                    sqs.delete_message(QueueUrl=grave, ReceiptHandle=letter["ReceiptHandle"])


def _rests(one: Prediction) -> bool:
    return one.status in TERMINAL or ("never-finishes" in one.faults and "100%" in one.logs)
