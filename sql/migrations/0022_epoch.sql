-- The epoch of this database. A restore to an earlier moment begins a new one: docs/decisions/0042-a-restore-renews-the-epoch.md.

CREATE TABLE epoch (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    began_at timestamptz NOT NULL
);

INSERT INTO epoch (began_at) VALUES (to_timestamp(0)); -- never restored

-- Call it once after each restore, before any function reaches the database: SELECT renew_epoch();
-- Jobs that were queued may have been sent since: they are in doubt, and keep `updated_at`, from which on they are looked for.
CREATE FUNCTION renew_epoch(moment timestamptz DEFAULT clock_timestamp()) RETURNS timestamptz LANGUAGE plpgsql AS $$
DECLARE
    renewed timestamptz;
BEGIN
    UPDATE epoch SET began_at = greatest(date_trunc('second', moment), began_at) + interval '1 second'
    RETURNING began_at INTO renewed;
    WITH doubted AS (
        UPDATE jobs SET status = 'submitting', revision = revision + 1 WHERE status = 'queued' RETURNING id, revision
    )
    INSERT INTO job_events (job_id, revision, from_status, to_status, reason, at)
    SELECT id, revision, 'queued', 'submitting', 'restored', moment FROM doubted;
    UPDATE jobs SET next_check_at = moment WHERE completed_at IS NULL;
    DELETE FROM absences; -- readings of the time before
    DELETE FROM foreign_predictions;
    RETURN renewed;
END
$$;
REVOKE EXECUTE ON FUNCTION renew_epoch FROM PUBLIC;

GRANT SELECT ON epoch TO vsl_rights;
DO $$
DECLARE
    rights text;
BEGIN
    FOREACH rights IN ARRAY ARRAY['vsl_media_rights', 'vsl_jobs_rights'] LOOP
        IF to_regrole(rights) IS NOT NULL THEN
            EXECUTE format('GRANT SELECT ON epoch TO %I', rights);
        END IF;
    END LOOP;
END
$$;
