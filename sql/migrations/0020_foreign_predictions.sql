-- Predictions of the account that were read and carry no webhook of this service: a search does not read them again.
CREATE TABLE foreign_predictions (
    id text PRIMARY KEY,
    read_at timestamptz NOT NULL
);
CREATE INDEX foreign_predictions_by_age ON foreign_predictions (read_at);

GRANT SELECT, INSERT, DELETE ON foreign_predictions TO vsl_rights;

DO $$
BEGIN
    IF to_regrole('vsl_jobs_rights') IS NOT NULL THEN
        GRANT SELECT, INSERT, DELETE ON foreign_predictions TO vsl_jobs_rights;
    END IF;
END
$$;
