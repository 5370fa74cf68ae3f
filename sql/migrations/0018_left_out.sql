-- Outputs of a completed job that were not stored: [{"position": 2, "count": 1, "code": "media_expired"}].

ALTER TABLE jobs ADD COLUMN left_out jsonb NOT NULL DEFAULT '[]';

DO $$
BEGIN
    IF to_regrole('vsl_media_rights') IS NOT NULL THEN
        GRANT UPDATE (left_out) ON jobs TO vsl_media_rights;
    END IF;
END
$$;
