-- Batches: jobs that were accepted with one request, and what was answered for those of its requests that made none.

CREATE TABLE batches (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id),
    -- Problem documents by the position of the request; the positions that are not here are those of the jobs. As they
    -- were written (jsonb would sort their members), so that the answer to an idempotency key is the same to the byte.
    refusals json NOT NULL,
    created_at timestamptz NOT NULL
);

-- Written after its jobs and its key, in the same transaction: only then it is known what was refused.
ALTER TABLE jobs
    ADD COLUMN batch_id uuid REFERENCES batches (id) DEFERRABLE INITIALLY DEFERRED,
    ADD COLUMN batch_index smallint CHECK (batch_index >= 0),
    ADD CHECK ((batch_id IS NULL) = (batch_index IS NULL));

CREATE UNIQUE INDEX jobs_of_batch ON jobs (batch_id, batch_index) WHERE batch_id IS NOT NULL;

-- A key belongs to what its request has made: one job, or a batch.
ALTER TABLE idempotency_keys
    ALTER COLUMN job_id DROP NOT NULL,
    ADD COLUMN batch_id uuid REFERENCES batches (id) DEFERRABLE INITIALLY DEFERRED,
    ADD CHECK (num_nonnulls(job_id, batch_id) = 1);

GRANT SELECT, INSERT ON batches TO vsl_rights;
