-- Media of a job that failed or was canceled after some of it had been stored goes, too. `erase_at` says when: once nobody
-- can be storing any more.

ALTER TABLE jobs
    DROP CONSTRAINT jobs_check4,
    ADD CONSTRAINT jobs_erased_when_deleted_or_without_result
        CHECK ((erase_at IS NOT NULL) <= (deleted_at IS NOT NULL OR status IN ('failed', 'canceled')));
