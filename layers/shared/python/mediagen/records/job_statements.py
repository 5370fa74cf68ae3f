"""The statements that write jobs. Each changes a job and its history together, guarded by the job's state."""

from mediagen.records.job_rows import EPOCH

# Revision 0 is the acceptance and revision 1 the intent to submit: both are known before anything leaves this service.
# A job of a batch only waits (revision 0): `submit_job` sends it.
_ADD = """
WITH admitted AS (
    SELECT * FROM admit(:id, :user_id, CAST(:estimated_cost AS numeric(12, 6)), :created_at,
                        :default_jobs, :default_budget)
), {claimed}added AS (
    INSERT INTO jobs (id, user_id, media_type, model_id, params, metadata, retry_of, status, revision,
                      estimated_seconds, estimated_cost, created_at, updated_at, deadline_at, next_check_at, batch_id,
                      batch_index, callback_url)
    SELECT :id, :user_id, :media_type, :model_id, CAST(:params AS jsonb), CAST(:metadata AS jsonb), :retry_of,
           :status, :revision, :estimated_seconds, :estimated_cost, :created_at, :created_at, :deadline_at,
           :next_check_at, :batch_id, :batch_index, :callback_url
    FROM {source}
    ON CONFLICT (id) DO NOTHING
    RETURNING id, created_at, revision
), events AS (
    INSERT INTO job_events (job_id, revision, from_status, to_status, reason, at)
    SELECT id, 0, NULL, 'queued', 'accepted', created_at FROM added
    UNION ALL
    SELECT id, 1, 'queued', 'submitting', 'submit', created_at FROM added WHERE revision = 1
)
SELECT admitted.*, added.id FROM admitted LEFT JOIN added ON true
"""
# The later of two equal requests waits here until the first has committed, and then claims nothing.
_CLAIMED = """claimed AS (
    INSERT INTO idempotency_keys AS held (user_id, key, fingerprint, job_id, created_at)
    SELECT :user_id, :key, :fingerprint, :id, :claimed_at FROM admitted WHERE refusal IS NULL
    ON CONFLICT (user_id, key) DO UPDATE
    SET fingerprint = excluded.fingerprint, job_id = excluded.job_id, batch_id = NULL, created_at = excluded.created_at
    WHERE held.created_at <= :outlives
    RETURNING 1
), """
ADD_PLAIN = _ADD.format(claimed="", source="admitted WHERE refusal IS NULL")
ADD_CLAIMED = _ADD.format(claimed=_CLAIMED, source="claimed")

_MOVE = """
WITH RECURSIVE {found}, moved AS (
    UPDATE jobs SET
        status = :target,
        revision = revision + 1,
        updated_at = :now,
        started_at = CASE WHEN CAST(:target AS text) = 'processing' THEN CAST(:now AS timestamptz) ELSE started_at END,
        completed_at = CASE WHEN CAST(:is_final AS boolean) THEN CAST(:now AS timestamptz) END,
        next_check_at = CASE WHEN CAST(:is_final AS boolean) THEN NULL ELSE CAST(:next_check_at AS timestamptz) END,
        erase_at = CASE WHEN COALESCE(:replicate_id, replicate_id) IS NOT NULL THEN CAST(:erase_at AS timestamptz) END,
        replicate_id = COALESCE(:replicate_id, replicate_id),
        cost = COALESCE(:cost, cost),
        predict_seconds = COALESCE(:predict_seconds, predict_seconds),
        error_code = :error_code,
        error_message = :error_message,
        error_retryable = :error_retryable,
        left_out = CAST(:left_out AS jsonb)
    FROM found WHERE jobs.id = found.id
    RETURNING jobs.*, found.from_status
), event AS (
    INSERT INTO job_events (job_id, revision, from_status, to_status, reason, details, at)
    SELECT id, revision, from_status, status, :reason, CAST(:details AS jsonb), :now FROM moved
), files AS (
    INSERT INTO media_outputs (job_id, position, kind, key, content_type, bytes, sha256, width, height,
                               duration_seconds)
    SELECT moved.id, o.position, o.kind, o.key, o."contentType", o.bytes, o.sha256, o.width, o.height,
           o."durationSeconds"
    FROM moved, jsonb_to_recordset(CAST(:outputs AS jsonb)) AS o(
        position integer, kind text, key text, "contentType" text, bytes bigint, sha256 text, width integer,
        height integer, "durationSeconds" double precision)
), outbox AS (
    INSERT INTO callbacks (job_id, url, created_at, next_try_at)
    SELECT id, callback_url, :now, :now FROM moved WHERE callback_url IS NOT NULL AND CAST(:is_final AS boolean)
), undone AS (
    UPDATE turns SET last_at = '-infinity' FROM moved WHERE turns.user_id = moved.user_id AND moved.status = 'queued'
)
SELECT *, CAST(:outputs AS jsonb) AS outputs, {epoch} FROM moved
"""
_THIS_JOB = """found AS (
    SELECT id, status AS from_status FROM jobs
    WHERE id = :id AND status = ANY(CAST(:sources AS text[])) FOR UPDATE
)"""
# Up to 200 users with queued jobs, ordered by id: one index probe per user, however many jobs a user has.
_SOME_USERS = """{name} AS (
    (SELECT user_id, created_at, 1 AS number FROM jobs WHERE status = 'queued' AND {which}
     ORDER BY user_id, created_at LIMIT 1)
    UNION ALL
    SELECT other.*, number + 1 FROM {name} CROSS JOIN LATERAL (
        SELECT user_id, created_at FROM jobs WHERE status = 'queued' AND user_id > {name}.user_id AND {which}
        ORDER BY user_id, created_at LIMIT 1) AS other
    WHERE number < 200
), """
# The user whose last dispatch, or oldest job if that is later, is the longest ago; then that user's oldest job that
# no other worker has locked. It considers 200 users from a random one on and the first 200 before it, so its cost does
# not grow with the number of waiting users; up to 200, it considers all. All of 10,000 users took 220 ms.
_NEXT_JOB = (
    "pivot AS MATERIALIZED (SELECT gen_random_uuid() AS id), "  # nosec B608 # put together from constants
    + _SOME_USERS.format(name="above", which="user_id >= (SELECT id FROM pivot)")
    + _SOME_USERS.format(name="below", which="user_id < (SELECT id FROM pivot)")
    + """waiting AS (
    SELECT user_id, created_at FROM above UNION ALL SELECT user_id, created_at FROM below
), fairest AS MATERIALIZED (
    SELECT user_id FROM waiting LEFT JOIN turns USING (user_id) ORDER BY greatest(last_at, created_at), user_id
), found AS MATERIALIZED (
    SELECT job.* FROM fairest CROSS JOIN LATERAL (
        SELECT id, status AS from_status, user_id FROM jobs
        WHERE user_id = fairest.user_id AND status = 'queued' ORDER BY created_at, batch_index
        LIMIT 1 FOR UPDATE SKIP LOCKED) AS job
    LIMIT 1
), turn AS (
    INSERT INTO turns AS held (user_id, last_at) SELECT user_id, CAST(:now AS timestamptz) FROM found
    ON CONFLICT (user_id) DO UPDATE SET last_at = greatest(held.last_at, excluded.last_at)
)"""  # nosec B608 # put together from constants
)
MOVE_ONE = _MOVE.format(found=_THIS_JOB, epoch=EPOCH)
MOVE_NEXT = _MOVE.format(found=_NEXT_JOB, epoch=EPOCH)

# The claim is the postponed check: another poller, or this one after a crash, takes the job up again later. The list is
# made before: in a condition it may be read again for each row, and then has others.
_CLAIM = """
WITH overdue AS MATERIALIZED (
    SELECT id FROM jobs WHERE next_check_at <= :now AND {which} ORDER BY {order} LIMIT :limit
    FOR UPDATE SKIP LOCKED
), claimed AS (
    UPDATE jobs SET next_check_at = :again_at FROM overdue WHERE jobs.id = overdue.id
    RETURNING jobs.*
)
SELECT {columns} FROM claimed ORDER BY {order}
"""
_WHOLE = f"*, CAST('[]' AS jsonb) AS outputs, {EPOCH}"
# First the results that Replicate deletes first: those of jobs that should have completed first. Jobs in doubt come
# last, because a search takes longer than a read.
CLAIM_OVERDUE = _CLAIM.format(
    which="status <> 'queued'",
    order="status = 'submitting', updated_at + make_interval(secs => estimated_seconds)",
    columns=_WHOLE,
)
CLAIM_PAST_DEADLINE = _CLAIM.format(
    which="status = 'queued' AND deadline_at <= :now", order="deadline_at", columns=_WHOLE
)
CLAIM_WAITING = _CLAIM.format(
    which="status = 'queued' AND deadline_at > :now", order="next_check_at", columns="CAST(id AS text) AS id"
)
COUNT_OVERDUE = """
SELECT (SELECT count(*) FROM jobs WHERE next_check_at <= :now AND status <> 'queued')
     + (SELECT count(*) FROM jobs WHERE next_check_at <= :now AND status = 'queued' AND deadline_at <= :now) AS overdue
"""
POSTPONE = """
UPDATE jobs SET next_check_at = :check_at WHERE id = ANY(CAST(:ids AS uuid[])) AND completed_at IS NULL
"""

# No transition, so no new revision: documents of this revision differ in the estimated progress only.
NOTE_PROGRESS = f"""
UPDATE jobs SET logged_percent = :percent WHERE id = :id AND status = 'processing'
RETURNING *, CAST('[]' AS jsonb) AS outputs, {EPOCH}
"""  # nosec B608 # put together from constants
