-- PostgreSQL looks every deleted job up among the retries: without an index that is a scan of the whole table for each row.
-- Functions delete no jobs, operators do. The index also finds the retries of a job.

CREATE INDEX jobs_retries ON jobs (retry_of) WHERE retry_of IS NOT NULL;
