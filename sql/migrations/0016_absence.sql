-- Evidence that Replicate does not have a job, before the job is sent again.

-- The Replicate account that our predictions were last read from; `since`: it has been this account from then on.
CREATE TABLE provider_account (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    username text NOT NULL,
    since timestamptz NOT NULL
);

-- When a complete reading first did not show a job; `revision` is the submission that was looked for.
CREATE TABLE absences (
    job_id uuid PRIMARY KEY REFERENCES jobs (id) ON DELETE CASCADE,
    revision integer NOT NULL,
    first_at timestamptz NOT NULL
);

GRANT SELECT, INSERT, UPDATE ON provider_account, absences TO vsl_rights;
