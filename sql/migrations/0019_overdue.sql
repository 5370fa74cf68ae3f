-- The poller's picks read only what they take, also while 100,000 jobs are queued.

DROP INDEX jobs_overdue;
CREATE INDEX jobs_overdue ON jobs (next_check_at) WHERE next_check_at IS NOT NULL AND status <> 'queued';
CREATE INDEX jobs_waiting ON jobs (next_check_at) WHERE status = 'queued';
CREATE INDEX jobs_past_deadline ON jobs (deadline_at) WHERE status = 'queued';
