-- When Replicate had a job, and how far its logs said it was when the poller last read them.
--
-- Jobs of before have neither; `started_at` is not made up for them from their history.
ALTER TABLE jobs
    ADD COLUMN started_at timestamptz,
    ADD COLUMN logged_percent smallint CHECK (logged_percent BETWEEN 0 AND 100);
