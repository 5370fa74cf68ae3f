-- Idempotency keys: which request of a user made which job. One is written with its job or not at all.

CREATE TABLE idempotency_keys (
    user_id uuid NOT NULL REFERENCES users (id),
    key text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    -- SHA-256 of the body as it was understood.
    fingerprint bytea NOT NULL CHECK (length(fingerprint) = 32),
    job_id uuid NOT NULL REFERENCES jobs (id),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, key)
);

CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

-- A key that is over a day old is taken over by a new request, or deleted by check_replicate_status.
GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency_keys TO vsl_rights;
