-- What a client notes down with a job, whose repetition it is, and its deletion.

ALTER TABLE jobs
    ADD COLUMN metadata jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN retry_of uuid REFERENCES jobs (id),
    -- Since when nobody sees the job any more. The row stays: it says what was paid for.
    ADD COLUMN deleted_at timestamptz,
    -- When the poller removes what is left of a deleted job; null: nothing is.
    ADD COLUMN erase_at timestamptz,
    ADD CHECK ((deleted_at IS NOT NULL) <= (completed_at IS NOT NULL)),
    ADD CHECK ((erase_at IS NOT NULL) <= (deleted_at IS NOT NULL));

CREATE INDEX jobs_to_erase ON jobs (erase_at) WHERE erase_at IS NOT NULL;

-- History is still only added to, but for the texts in the details of a deleted job.
GRANT SELECT (job_id, details), UPDATE (details) ON job_events TO vsl_rights;
GRANT DELETE ON media_outputs TO vsl_rights;
