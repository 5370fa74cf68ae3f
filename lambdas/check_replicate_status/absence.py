"""Decide whether Replicate certainly does not have a job. Only then is the job sent again: a wrong yes is paid twice.

Not seeing a prediction proves little: the list may lag, a token of another account shows a complete list of its own.
So absence takes two complete readings some minutes apart, of the account that the job was sent to. Which one that was
is not recorded with the job: its token must have been the present one, in every function.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from mediagen import log
from mediagen.aws.errors import AwsError
from mediagen.aws.secrets import KEPT_SECONDS
from mediagen.jobs.job import Job
from mediagen.records.absences import AbsenceRecords
from mediagen.replicate.client import Replicate, ReplicateUnavailable

TOKEN_KEPT = timedelta(seconds=KEPT_SECONDS)  # how long a function may still use the previous token
APART = timedelta(minutes=5)  # how soon the list shows a new prediction is not documented


def read_account(provider: Replicate) -> str | None:
    """Return the name of the account that the token belongs to; None if Replicate does not tell."""
    try:
        username = (provider.account() or {}).get("username")
    except ReplicateUnavailable as error:
        log.degraded("replicate", error)
        return None
    return username if isinstance(username, str) else None


def with_same_account[T](read: Callable[[], T], provider: Replicate) -> tuple[T, str | None]:
    """Run a read. Returns its result and the account, None if the token may have changed meanwhile."""
    before = read_account(provider)
    found = read()
    return found, before if before and before == read_account(provider) else None


def prove_absence(
    jobs: Sequence[Job],
    account: str | None,
    *,
    began: datetime,
    ended: datetime,
    records: AbsenceRecords,
    token_replaced_at: Callable[[], datetime | None],
) -> set[str]:
    """Return the ids of the jobs whose absence is proven. The others wait for another reading.

    A reading takes minutes if the list is long: the second one begins five minutes after the first has ended.
    """
    since = records.account_since(account) if account and jobs else None
    if since is None:
        return set()
    try:
        replaced_at = token_replaced_at()
    except AwsError as error:
        log.degraded("secrets", error)
        return set()
    since = max(since, replaced_at + TOKEN_KEPT) if replaced_at else since
    sent_there = [job for job in jobs if since <= job.updated_at]
    return {job.id for job in sent_there if began - records.note_absent(job.id, job.revision, now=ended) >= APART}
