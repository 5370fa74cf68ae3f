-- Jobs that wait take turns: whose turn it is, and which of a user's jobs it then is.

CREATE INDEX jobs_queued ON jobs (user_id, created_at, batch_index) WHERE status = 'queued';

-- When a queued job of a user was last sent; -infinity where it came back. Not in `users`: who admits the jobs of a user with limits locks that row.
CREATE TABLE turns (
    user_id uuid PRIMARY KEY REFERENCES users (id),
    last_at timestamptz NOT NULL
);

GRANT SELECT, INSERT, UPDATE ON turns TO vsl_rights;
