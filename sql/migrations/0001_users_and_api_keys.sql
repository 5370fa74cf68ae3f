-- Who may use the API. A key is shown once; only its SHA-256 is stored.

CREATE TABLE users (
    id uuid PRIMARY KEY,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    created_at timestamptz NOT NULL,
    disabled_at timestamptz
);

CREATE TABLE api_keys (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id),
    key_hash bytea NOT NULL UNIQUE CHECK (length(key_hash) = 32),
    last_four text NOT NULL,
    name text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz
);

CREATE INDEX api_keys_of_user ON api_keys (user_id);
