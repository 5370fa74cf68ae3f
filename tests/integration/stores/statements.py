"""Every statement of the functions, and PostgreSQL's refusals."""

from collections.abc import Callable
from contextlib import suppress
from uuid import uuid4

from integration.stores.jobs import NOW, added, batch, job, output
from mediagen.access.api_keys import hash_key
from mediagen.access.callers import TokenUser
from mediagen.cache.cache import Cache
from mediagen.errors.refusals import UnknownModel
from mediagen.jobs.idempotency import Claim
from mediagen.jobs.state import Status
from mediagen.jobs.transition import Change
from mediagen.limits.budget import NO_LIMITS
from mediagen.models.catalogue import Catalogue
from mediagen.records.absences import AbsenceRecords
from mediagen.records.access import AccessRecords
from mediagen.records.batches import BatchRecords
from mediagen.records.callback_secrets import CallbackSecrets
from mediagen.records.callbacks import CallbackRecords, Try
from mediagen.records.claims import ClaimRecords
from mediagen.records.database import Database, Row, StatementFailed
from mediagen.records.deletions import DeletionRecords
from mediagen.records.job_lists import Filters, JobLists
from mediagen.records.jobs import JobRecords
from mediagen.records.usage import UsageRecords


class Watched(Database):
    """Records the statements that PostgreSQL refused, with the reason."""

    def __init__(self, url: Callable[[], str]) -> None:
        super().__init__(url)
        self.refusals: list[str] = []

    def run(self, sql: str, **parameters: object) -> list[Row]:
        try:
            return super().run(sql, **parameters)
        except StatementFailed as failed:
            self.refusals.append(failed.state)
            return []

    def together[T](self, act: Callable[[], T]) -> T | None:  # type: ignore[override]
        try:
            return super().together(act)
        except StatementFailed as failed:
            self.refusals.append(failed.state)
            return None


def use_absences(absences: AbsenceRecords, job_id: str) -> None:
    """Run the statements that record evidence of absence."""
    absences.known_predictions(["prediction"])
    absences.note_foreign(["foreign"], now=NOW)
    absences.forget_foreign(now=NOW)
    for account in ("vsl", "another"):
        absences.note_account(account, has_our_predictions=True, now=NOW)
    absences.account_since("vsl")
    for _ in range(2):
        absences.note_absent(job_id, 1, now=NOW)


def use_everything(database: Database, cache: Cache, user_id: str) -> None:
    """Run every statement of the functions."""
    use_access(database, cache, user_id)
    use_jobs(database, cache, user_id)


def use_access(database: Database, cache: Cache, user_id: str) -> None:
    """Run every statement of authorize and manage_access."""
    access = AccessRecords(database)
    access.add_user(str(uuid4()), "somebody", NOW)
    key_id = str(uuid4())
    access.add_key(key_id, user_id, hash_key("vsl_test_key"), "abcd", "laptop", NOW)
    access.find_user(hash_key("vsl_test_key"), NOW)
    access.list()
    access.set_limits(user_id, {"concurrentJobs": 1000})
    access.expire_key(key_id, NOW)
    access.revoke_key(key_id, NOW)
    with suppress(UnknownModel):
        Catalogue("{}", cache, database).find("image", "any")
    Catalogue("{}", cache, database).put("image", "any", {"version": "o/any"}, NOW)


def use_media(database: Database, job_id: str) -> None:
    """Run every statement of process_webhook, on a queued job."""
    records = JobRecords(database)
    records.find_any(job_id)
    records.find_by_replicate_id("prediction")
    records.move(job_id, Status.SUBMITTING, Change("result_arrived"), now=NOW)
    records.move(job_id, Status.PROCESSING, Change("result_arrived", replicate_id="prediction"), now=NOW)
    records.move(job_id, Status.COMPLETED, Change("done", outputs=[output(job_id, 0)]), now=NOW)


def use_jobs(database: Database, cache: Cache, user_id: str) -> None:
    """Run every statement of all other functions."""
    access, records = AccessRecords(database), JobRecords(database)
    access.add_token_user(TokenUser("https://login.example.com/", "ada"), NOW)
    access.find_user(hash_key("vsl_test_key"), NOW)
    new = added(records, user_id, callback_url="https://hooks.example.com/vsl")
    records.move(new.id, Status.PROCESSING, Change("accepted", replicate_id="prediction"), now=NOW)
    records.note_progress(new.id, 45)
    records.claim_overdue(now=NOW, again_in=NOW - NOW, limit=1)
    records.claim_past_deadline(now=NOW, again_in=NOW - NOW, limit=1)
    records.claim_waiting(now=NOW, again_in=NOW - NOW, limit=1)
    records.count_overdue(now=NOW)
    records.postpone([], check_at=NOW)
    records.count_queued()
    records.has_queued()
    use_absences(AbsenceRecords(database), new.id)
    for _ in range(2):  # the second time the user has a row
        records.take_turn(Change("submit"), now=NOW)
    records.move(new.id, Status.COMPLETED, Change("done", outputs=[output(new.id, 0)]), now=NOW)
    records.find(new.id)
    deletions = DeletionRecords(database)
    deletions.mark(new.id, user_id, now=NOW, erase_at=NOW)
    deletions.claim(now=NOW, again_in=NOW - NOW, limit=1)
    deletions.scrub(new.id, erase_at=None)
    use_callbacks(database, new.id, user_id)
    claims, claim = ClaimRecords(database), Claim(user_id, "key", bytes(32), NOW)
    records.add(job(user_id), check_at=NOW, claim=claim)
    claims.find(claim)
    batches, together = BatchRecords(database, records), batch(user_id)
    of_batch = Claim(user_id, str(uuid4()), bytes(32), NOW)
    batches.add(together.id, user_id, together.jobs, check_at=NOW, claim=of_batch)
    batches.find(together.id)
    claims.forget(now=NOW)
    records.find_by_replicate_id("prediction")
    records.changed_between(NOW, NOW, limit=1)
    with suppress(ValueError):  # the role may not read it
        UsageRecords(database).account(user_id, NOW.date(), NOW.date(), now=NOW, defaults=NO_LIMITS)
    lists = JobLists(database)
    lists.page(user_id, Filters(), before_id=None, limit=1)
    with suppress(ValueError):  # the role may not read the key
        lists.signing_key()
    with suppress(UnknownModel):
        Catalogue("{}", cache, database).find("image", "any")


def use_callbacks(database: Database, job_id: str, user_id: str) -> None:
    """Run every statement about callbacks."""
    callbacks, secrets = CallbackRecords(database), CallbackSecrets(database)
    callbacks.due(before=NOW, now=NOW, limit=1)
    callback = callbacks.find(job_id)
    callback_id = callback.id if callback else str(uuid4())
    callbacks.claim(job_id, now=NOW)
    callbacks.settle(callback_id, Try(1, NOW, 1, 200, None), state="delivered", next_try_at=None)
    callbacks.tries(callback_id)
    callbacks.again(callback_id, now=NOW)
    callbacks.end(job_id)
    secrets.valid(user_id, now=NOW)
    secrets.rotate(user_id, now=NOW)
