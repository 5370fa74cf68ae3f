-- Callbacks: what a client is told of its job's end, at the address it gave with the request.

ALTER TABLE jobs ADD COLUMN callback_url text CHECK (length(callback_url) <= 2048);

-- The outbox: a row is written in the statement that ends a job, so there is exactly one whoever ends it.
CREATE TABLE callbacks (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    job_id uuid NOT NULL UNIQUE REFERENCES jobs (id),
    url text NOT NULL,
    state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'failed')),
    -- Counted before a try is made, so that one that takes its worker with it counts, too.
    tries integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    next_try_at timestamptz,
    -- Until then the try belongs to one worker.
    leased_until timestamptz,
    CHECK ((state = 'pending') = (next_try_at IS NOT NULL))
);

CREATE INDEX callbacks_due ON callbacks (next_try_at) WHERE next_try_at IS NOT NULL;

-- One row for each try whose end is known: a status, or our own code for why there was none. Nothing of what a receiver said.
CREATE TABLE callback_tries (
    callback_id uuid NOT NULL REFERENCES callbacks (id),
    number integer NOT NULL,
    at timestamptz NOT NULL,
    duration_ms integer NOT NULL,
    status_code smallint,
    error text,
    PRIMARY KEY (callback_id, number),
    CHECK ((status_code IS NULL) = (error IS NOT NULL))
);

-- What callbacks are signed with. One of a user's secrets has no end; those before it stay valid for a day.
CREATE TABLE callback_secrets (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id),
    secret bytea NOT NULL CHECK (length(secret) BETWEEN 24 AND 64),
    created_at timestamptz NOT NULL,
    ends_at timestamptz
);

CREATE UNIQUE INDEX callback_secrets_current ON callback_secrets (user_id) WHERE ends_at IS NULL;
CREATE INDEX callback_secrets_of_user ON callback_secrets (user_id, created_at);

GRANT SELECT, INSERT, UPDATE ON callbacks TO vsl_rights;
GRANT SELECT, INSERT ON callback_tries TO vsl_rights;
GRANT SELECT, INSERT, UPDATE ON callback_secrets TO vsl_rights;
