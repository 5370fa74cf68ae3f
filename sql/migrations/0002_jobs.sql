-- Jobs, the history of every transition, and the stored files.

CREATE TABLE jobs (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id),
    media_type text NOT NULL CHECK (media_type IN ('video', 'image', 'audio')),
    model_id text NOT NULL,
    params jsonb NOT NULL,
    status text NOT NULL CHECK (
        status IN ('queued', 'submitting', 'processing', 'completed', 'failed', 'canceled')
    ),
    -- Grows with every transition, so that an old picture never overwrites a newer one in the cache or the job table.
    revision integer NOT NULL DEFAULT 1,
    replicate_id text UNIQUE,
    error_code text,
    error_message text,
    error_retryable boolean,
    estimated_seconds integer NOT NULL,
    estimated_cost numeric(12, 6) NOT NULL,
    cost numeric(12, 6),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deadline_at timestamptz NOT NULL,
    completed_at timestamptz,
    -- When the poller should look if nothing was heard; null once the job is final.
    next_check_at timestamptz,
    CHECK ((status = 'failed') <= (error_code IS NOT NULL)),
    CHECK ((status IN ('completed', 'failed', 'canceled')) = (completed_at IS NOT NULL)),
    CHECK ((status IN ('completed', 'failed', 'canceled')) = (next_check_at IS NULL))
);

CREATE INDEX jobs_of_user ON jobs (user_id, created_at DESC);
CREATE INDEX jobs_overdue ON jobs (next_check_at) WHERE next_check_at IS NOT NULL;
CREATE INDEX jobs_changed ON jobs (updated_at);

CREATE TABLE job_events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job_id uuid NOT NULL REFERENCES jobs (id),
    revision integer NOT NULL,
    from_status text,
    to_status text NOT NULL,
    reason text NOT NULL,
    details jsonb NOT NULL DEFAULT '{}',
    at timestamptz NOT NULL,
    UNIQUE (job_id, revision)
);

CREATE TABLE media_outputs (
    job_id uuid NOT NULL REFERENCES jobs (id),
    position integer NOT NULL,
    kind text NOT NULL CHECK (kind IN ('original', 'thumbnail', 'preview', 'waveform', 'metadata')),
    key text NOT NULL UNIQUE,
    content_type text NOT NULL,
    bytes bigint NOT NULL,
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    width integer,
    height integer,
    duration_seconds double precision,
    PRIMARY KEY (job_id, position)
);
