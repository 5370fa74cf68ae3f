-- Entries that override or extend the models given in the environment variable MODELS.

CREATE TABLE model_configurations (
    media_type text NOT NULL CHECK (media_type IN ('video', 'image', 'audio')),
    model_id text NOT NULL,
    -- The same shape as an entry of MODELS; null takes the model away.
    configuration jsonb,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (media_type, model_id)
);
