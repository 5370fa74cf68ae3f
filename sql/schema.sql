-- Generated from sql/migrations by scripts/dump_schema.py: do not edit.
-- The roles are the server's, so they are not in here: see sql/migrations/0004_application_role.sql.

SET check_function_bodies = false;

CREATE FUNCTION public.admit(new_job uuid, client uuid, price numeric, moment timestamp with time zone, default_jobs integer, default_budget numeric, OUT refusal text, OUT job_limit integer, OUT budget numeric, OUT running bigint, OUT next_end timestamp with time zone, OUT reserved numeric, OUT spent numeric) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    SELECT COALESCE(concurrent_jobs, default_jobs), COALESCE(monthly_budget, default_budget)
    INTO job_limit, budget FROM users WHERE id = client;
    IF job_limit IS NULL AND budget IS NULL THEN
        RETURN; -- the common case waits for nobody
    END IF;
    SELECT COALESCE(concurrent_jobs, default_jobs), COALESCE(monthly_budget, default_budget)
    INTO job_limit, budget FROM users WHERE id = client FOR NO KEY UPDATE;
    IF EXISTS (SELECT FROM jobs WHERE id = new_job) THEN
        RETURN; -- the same statement again, because its answer was lost
    END IF;
    IF job_limit IS NOT NULL THEN
        SELECT count(*), min(COALESCE(started_at, created_at) + estimated_seconds * interval '1 second')
        INTO running, next_end FROM jobs WHERE user_id = client AND completed_at IS NULL;
        IF running >= job_limit THEN
            refusal := 'too_many_running_jobs';
            RETURN;
        END IF;
    END IF;
    IF budget IS NOT NULL THEN
        SELECT month.reserved, month.spent INTO reserved, spent FROM month_of_user(client, moment) AS month;
        IF price > greatest(budget - reserved - spent, 0) THEN
            refusal := 'budget_exceeded';
        END IF;
    END IF;
END
$$;

CREATE TABLE public.jobs (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    media_type text NOT NULL,
    model_id text NOT NULL,
    params jsonb NOT NULL,
    status text NOT NULL,
    revision integer DEFAULT 1 NOT NULL,
    replicate_id text,
    error_code text,
    error_message text,
    error_retryable boolean,
    estimated_seconds integer NOT NULL,
    estimated_cost numeric(12,6) NOT NULL,
    cost numeric(12,6),
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    deadline_at timestamp with time zone NOT NULL,
    completed_at timestamp with time zone,
    next_check_at timestamp with time zone,
    started_at timestamp with time zone,
    logged_percent smallint,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    retry_of uuid,
    deleted_at timestamp with time zone,
    erase_at timestamp with time zone,
    predict_seconds numeric(12,3),
    batch_id uuid,
    batch_index smallint,
    callback_url text,
    left_out jsonb DEFAULT '[]'::jsonb NOT NULL,
    CONSTRAINT jobs_batch_index_check CHECK ((batch_index >= 0)),
    CONSTRAINT jobs_callback_url_check CHECK ((length(callback_url) <= 2048)),
    CONSTRAINT jobs_check CHECK (((status = 'failed'::text) <= (error_code IS NOT NULL))),
    CONSTRAINT jobs_check1 CHECK (((status = ANY (ARRAY['completed'::text, 'failed'::text, 'canceled'::text])) = (completed_at IS NOT NULL))),
    CONSTRAINT jobs_check2 CHECK (((status = ANY (ARRAY['completed'::text, 'failed'::text, 'canceled'::text])) = (next_check_at IS NULL))),
    CONSTRAINT jobs_check3 CHECK (((deleted_at IS NOT NULL) <= (completed_at IS NOT NULL))),
    CONSTRAINT jobs_check5 CHECK (((batch_id IS NULL) = (batch_index IS NULL))),
    CONSTRAINT jobs_erased_when_deleted_or_without_result CHECK (((erase_at IS NOT NULL) <= ((deleted_at IS NOT NULL) OR (status = ANY (ARRAY['failed'::text, 'canceled'::text]))))),
    CONSTRAINT jobs_logged_percent_check CHECK (((logged_percent >= 0) AND (logged_percent <= 100))),
    CONSTRAINT jobs_media_type_check CHECK ((media_type = ANY (ARRAY['video'::text, 'image'::text, 'audio'::text]))),
    CONSTRAINT jobs_predict_seconds_check CHECK ((predict_seconds >= (0)::numeric)),
    CONSTRAINT jobs_status_check CHECK ((status = ANY (ARRAY['queued'::text, 'submitting'::text, 'processing'::text, 'completed'::text, 'failed'::text, 'canceled'::text])))
);

CREATE FUNCTION public.count_ended_job(job public.jobs, times integer) RETURNS void
    LANGUAGE sql
    AS $$
    INSERT INTO daily_usage AS kept
    SELECT job.user_id, CAST(job.created_at AT TIME ZONE 'UTC' AS date), job.media_type, job.model_id,
           times * CAST(job.status = 'completed' AS integer), times * CAST(job.status = 'failed' AS integer),
           times * CAST(job.status = 'canceled' AS integer), times * COALESCE(job.cost, 0),
           times * COALESCE(job.predict_seconds,
                            round(greatest(extract(epoch FROM job.completed_at - job.started_at), 0), 3), 0)
    ON CONFLICT (user_id, day, media_type, model_id) DO UPDATE SET
        completed = kept.completed + excluded.completed, failed = kept.failed + excluded.failed,
        canceled = kept.canceled + excluded.canceled, cost = kept.cost + excluded.cost,
        seconds = kept.seconds + excluded.seconds
$$;

CREATE FUNCTION public.keep_daily_usage() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.completed_at IS NOT NULL THEN
        PERFORM count_ended_job(OLD, -1); -- a cost that the operator puts right
    END IF;
    IF NEW.completed_at IS NOT NULL THEN
        PERFORM count_ended_job(NEW, 1);
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION public.month_of_user(client uuid, moment timestamp with time zone, OUT reserved numeric, OUT spent numeric) RETURNS record
    LANGUAGE sql STABLE
    AS $$
    WITH month AS (
        SELECT date_trunc('month', moment AT TIME ZONE 'UTC') AS first,
               date_trunc('month', moment AT TIME ZONE 'UTC') + interval '1 month' AS next
    )
    SELECT (SELECT COALESCE(sum(estimated_cost), 0) FROM jobs
            WHERE user_id = client AND completed_at IS NULL
              AND created_at >= month.first AT TIME ZONE 'UTC' AND created_at < month.next AT TIME ZONE 'UTC'),
           (SELECT COALESCE(sum(cost), 0) FROM daily_usage
            WHERE user_id = client AND day >= month.first AND day < month.next)
    FROM month
$$;

CREATE FUNCTION public.renew_epoch(moment timestamp with time zone DEFAULT clock_timestamp()) RETURNS timestamp with time zone
    LANGUAGE plpgsql
    AS $$
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

CREATE TABLE public.absences (
    job_id uuid NOT NULL,
    revision integer NOT NULL,
    first_at timestamp with time zone NOT NULL
);

CREATE TABLE public.api_keys (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    key_hash bytea NOT NULL,
    last_four text NOT NULL,
    name text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    CONSTRAINT api_keys_key_hash_check CHECK ((length(key_hash) = 32))
);

CREATE TABLE public.batches (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    refusals json NOT NULL,
    created_at timestamp with time zone NOT NULL
);

CREATE TABLE public.callback_secrets (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    secret bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone,
    CONSTRAINT callback_secrets_secret_check CHECK (((length(secret) >= 24) AND (length(secret) <= 64)))
);

CREATE TABLE public.callback_tries (
    callback_id uuid NOT NULL,
    number integer NOT NULL,
    at timestamp with time zone NOT NULL,
    duration_ms integer NOT NULL,
    status_code smallint,
    error text,
    CONSTRAINT callback_tries_check CHECK (((status_code IS NULL) = (error IS NOT NULL)))
);

CREATE TABLE public.callbacks (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    job_id uuid NOT NULL,
    url text NOT NULL,
    state text DEFAULT 'pending'::text NOT NULL,
    tries integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone NOT NULL,
    next_try_at timestamp with time zone,
    leased_until timestamp with time zone,
    CONSTRAINT callbacks_check CHECK (((state = 'pending'::text) = (next_try_at IS NOT NULL))),
    CONSTRAINT callbacks_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'delivered'::text, 'failed'::text])))
);

CREATE TABLE public.daily_usage (
    user_id uuid NOT NULL,
    day date NOT NULL,
    media_type text NOT NULL,
    model_id text NOT NULL,
    completed bigint NOT NULL,
    failed bigint NOT NULL,
    canceled bigint NOT NULL,
    cost numeric NOT NULL,
    seconds numeric NOT NULL
);

CREATE TABLE public.epoch (
    singleton boolean DEFAULT true NOT NULL,
    began_at timestamp with time zone NOT NULL,
    CONSTRAINT epoch_singleton_check CHECK (singleton)
);

CREATE TABLE public.foreign_predictions (
    id text NOT NULL,
    read_at timestamp with time zone NOT NULL
);

CREATE TABLE public.idempotency_keys (
    user_id uuid NOT NULL,
    key text NOT NULL,
    fingerprint bytea NOT NULL,
    job_id uuid,
    created_at timestamp with time zone NOT NULL,
    batch_id uuid,
    CONSTRAINT idempotency_keys_check CHECK ((num_nonnulls(job_id, batch_id) = 1)),
    CONSTRAINT idempotency_keys_fingerprint_check CHECK ((length(fingerprint) = 32)),
    CONSTRAINT idempotency_keys_key_check CHECK (((length(key) >= 1) AND (length(key) <= 255)))
);

CREATE TABLE public.job_events (
    id bigint NOT NULL,
    job_id uuid NOT NULL,
    revision integer NOT NULL,
    from_status text,
    to_status text NOT NULL,
    reason text NOT NULL,
    details jsonb DEFAULT '{}'::jsonb NOT NULL,
    at timestamp with time zone NOT NULL
);

ALTER TABLE public.job_events ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.job_events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.media_outputs (
    job_id uuid NOT NULL,
    "position" integer NOT NULL,
    kind text NOT NULL,
    key text NOT NULL,
    content_type text NOT NULL,
    bytes bigint NOT NULL,
    sha256 text NOT NULL,
    width integer,
    height integer,
    duration_seconds double precision,
    CONSTRAINT media_outputs_kind_check CHECK ((kind = ANY (ARRAY['original'::text, 'thumbnail'::text, 'preview'::text, 'waveform'::text, 'metadata'::text]))),
    CONSTRAINT media_outputs_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);

CREATE TABLE public.model_configurations (
    media_type text NOT NULL,
    model_id text NOT NULL,
    configuration jsonb,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT model_configurations_media_type_check CHECK ((media_type = ANY (ARRAY['video'::text, 'image'::text, 'audio'::text])))
);

CREATE TABLE public.provider_account (
    singleton boolean DEFAULT true NOT NULL,
    username text NOT NULL,
    since timestamp with time zone NOT NULL,
    CONSTRAINT provider_account_singleton_check CHECK (singleton)
);

CREATE TABLE public.schema_migrations (
    version integer NOT NULL,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.signing_keys (
    purpose text NOT NULL,
    key bytea NOT NULL,
    CONSTRAINT signing_keys_key_check CHECK ((length(key) = 32))
);

CREATE TABLE public.turns (
    user_id uuid NOT NULL,
    last_at timestamp with time zone NOT NULL
);

CREATE TABLE public.users (
    id uuid NOT NULL,
    name text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    disabled_at timestamp with time zone,
    rate_per_hour integer,
    concurrent_jobs integer,
    monthly_budget numeric(12,6),
    issuer text,
    CONSTRAINT users_concurrent_jobs_check CHECK ((concurrent_jobs >= 1)),
    CONSTRAINT users_monthly_budget_check CHECK ((monthly_budget >= (0)::numeric)),
    CONSTRAINT users_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT users_rate_per_hour_check CHECK ((rate_per_hour >= 1))
);

ALTER TABLE ONLY public.absences
    ADD CONSTRAINT absences_pkey PRIMARY KEY (job_id);

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_key_hash_key UNIQUE (key_hash);

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.batches
    ADD CONSTRAINT batches_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.callback_secrets
    ADD CONSTRAINT callback_secrets_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.callback_tries
    ADD CONSTRAINT callback_tries_pkey PRIMARY KEY (callback_id, number);

ALTER TABLE ONLY public.callbacks
    ADD CONSTRAINT callbacks_job_id_key UNIQUE (job_id);

ALTER TABLE ONLY public.callbacks
    ADD CONSTRAINT callbacks_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.daily_usage
    ADD CONSTRAINT daily_usage_pkey PRIMARY KEY (user_id, day, media_type, model_id);

ALTER TABLE ONLY public.epoch
    ADD CONSTRAINT epoch_pkey PRIMARY KEY (singleton);

ALTER TABLE ONLY public.foreign_predictions
    ADD CONSTRAINT foreign_predictions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY (user_id, key);

ALTER TABLE ONLY public.job_events
    ADD CONSTRAINT job_events_job_id_revision_key UNIQUE (job_id, revision);

ALTER TABLE ONLY public.job_events
    ADD CONSTRAINT job_events_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT jobs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT jobs_replicate_id_key UNIQUE (replicate_id);

ALTER TABLE ONLY public.media_outputs
    ADD CONSTRAINT media_outputs_key_key UNIQUE (key);

ALTER TABLE ONLY public.media_outputs
    ADD CONSTRAINT media_outputs_pkey PRIMARY KEY (job_id, "position");

ALTER TABLE ONLY public.model_configurations
    ADD CONSTRAINT model_configurations_pkey PRIMARY KEY (media_type, model_id);

ALTER TABLE ONLY public.provider_account
    ADD CONSTRAINT provider_account_pkey PRIMARY KEY (singleton);

ALTER TABLE ONLY public.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (version);

ALTER TABLE ONLY public.signing_keys
    ADD CONSTRAINT signing_keys_pkey PRIMARY KEY (purpose);

ALTER TABLE ONLY public.turns
    ADD CONSTRAINT turns_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);

CREATE INDEX api_keys_of_user ON public.api_keys USING btree (user_id);

CREATE UNIQUE INDEX callback_secrets_current ON public.callback_secrets USING btree (user_id) WHERE (ends_at IS NULL);

CREATE INDEX callback_secrets_of_user ON public.callback_secrets USING btree (user_id, created_at);

CREATE INDEX callbacks_due ON public.callbacks USING btree (next_try_at) WHERE (next_try_at IS NOT NULL);

CREATE INDEX foreign_predictions_by_age ON public.foreign_predictions USING btree (read_at);

CREATE INDEX idempotency_keys_by_age ON public.idempotency_keys USING btree (created_at);

CREATE INDEX jobs_changed ON public.jobs USING btree (updated_at);

CREATE UNIQUE INDEX jobs_of_batch ON public.jobs USING btree (batch_id, batch_index) WHERE (batch_id IS NOT NULL);

CREATE INDEX jobs_of_user ON public.jobs USING btree (user_id, created_at DESC);

CREATE INDEX jobs_overdue ON public.jobs USING btree (next_check_at) WHERE ((next_check_at IS NOT NULL) AND (status <> 'queued'::text));

CREATE INDEX jobs_past_deadline ON public.jobs USING btree (deadline_at) WHERE (status = 'queued'::text);

CREATE INDEX jobs_queued ON public.jobs USING btree (user_id, created_at, batch_index) WHERE (status = 'queued'::text);

CREATE INDEX jobs_retries ON public.jobs USING btree (retry_of) WHERE (retry_of IS NOT NULL);

CREATE INDEX jobs_to_erase ON public.jobs USING btree (erase_at) WHERE (erase_at IS NOT NULL);

CREATE INDEX jobs_unfinished ON public.jobs USING btree (user_id) WHERE (completed_at IS NULL);

CREATE INDEX jobs_waiting ON public.jobs USING btree (next_check_at) WHERE (status = 'queued'::text);

CREATE TRIGGER jobs_that_are_added_ended AFTER INSERT ON public.jobs FOR EACH ROW WHEN ((new.completed_at IS NOT NULL)) EXECUTE FUNCTION public.keep_daily_usage();

CREATE TRIGGER jobs_that_end AFTER UPDATE ON public.jobs FOR EACH ROW WHEN (((old.completed_at IS DISTINCT FROM new.completed_at) OR (old.status IS DISTINCT FROM new.status) OR (old.cost IS DISTINCT FROM new.cost) OR (old.predict_seconds IS DISTINCT FROM new.predict_seconds))) EXECUTE FUNCTION public.keep_daily_usage();

ALTER TABLE ONLY public.absences
    ADD CONSTRAINT absences_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.jobs(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.batches
    ADD CONSTRAINT batches_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.callback_secrets
    ADD CONSTRAINT callback_secrets_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.callback_tries
    ADD CONSTRAINT callback_tries_callback_id_fkey FOREIGN KEY (callback_id) REFERENCES public.callbacks(id);

ALTER TABLE ONLY public.callbacks
    ADD CONSTRAINT callbacks_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.jobs(id);

ALTER TABLE ONLY public.daily_usage
    ADD CONSTRAINT daily_usage_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES public.batches(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.jobs(id);

ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.job_events
    ADD CONSTRAINT job_events_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.jobs(id);

ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT jobs_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES public.batches(id) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT jobs_retry_of_fkey FOREIGN KEY (retry_of) REFERENCES public.jobs(id);

ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT jobs_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.media_outputs
    ADD CONSTRAINT media_outputs_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.jobs(id);

ALTER TABLE ONLY public.turns
    ADD CONSTRAINT turns_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

GRANT USAGE ON SCHEMA public TO vsl_rights;
GRANT USAGE ON SCHEMA public TO vsl_media_rights;
GRANT USAGE ON SCHEMA public TO vsl_access_rights;
GRANT USAGE ON SCHEMA public TO vsl_jobs_rights;

REVOKE ALL ON FUNCTION public.admit(new_job uuid, client uuid, price numeric, moment timestamp with time zone, default_jobs integer, default_budget numeric, OUT refusal text, OUT job_limit integer, OUT budget numeric, OUT running bigint, OUT next_end timestamp with time zone, OUT reserved numeric, OUT spent numeric) FROM PUBLIC;
GRANT ALL ON FUNCTION public.admit(new_job uuid, client uuid, price numeric, moment timestamp with time zone, default_jobs integer, default_budget numeric, OUT refusal text, OUT job_limit integer, OUT budget numeric, OUT running bigint, OUT next_end timestamp with time zone, OUT reserved numeric, OUT spent numeric) TO vsl_rights;
GRANT ALL ON FUNCTION public.admit(new_job uuid, client uuid, price numeric, moment timestamp with time zone, default_jobs integer, default_budget numeric, OUT refusal text, OUT job_limit integer, OUT budget numeric, OUT running bigint, OUT next_end timestamp with time zone, OUT reserved numeric, OUT spent numeric) TO vsl_jobs_rights;

GRANT SELECT,INSERT,UPDATE ON TABLE public.jobs TO vsl_rights;
GRANT SELECT ON TABLE public.jobs TO vsl_media_rights;
GRANT SELECT,INSERT,UPDATE ON TABLE public.jobs TO vsl_jobs_rights;

GRANT UPDATE(status) ON TABLE public.jobs TO vsl_media_rights;

GRANT UPDATE(revision) ON TABLE public.jobs TO vsl_media_rights;

GRANT UPDATE(replicate_id) ON TABLE public.jobs TO vsl_media_rights;

GRANT UPDATE(error_code) ON TABLE public.jobs TO vsl_media_rights;

GRANT UPDATE(error_message) ON TABLE public.jobs TO vsl_media_rights;

GRANT UPDATE(error_retryable) ON TABLE public.jobs TO vsl_media_rights;

GRANT UPDATE(cost) ON TABLE public.jobs TO vsl_media_rights;

GRANT UPDATE(updated_at) ON TABLE public.jobs TO vsl_media_rights;

GRANT UPDATE(completed_at) ON TABLE public.jobs TO vsl_media_rights;

GRANT UPDATE(next_check_at) ON TABLE public.jobs TO vsl_media_rights;

GRANT UPDATE(started_at) ON TABLE public.jobs TO vsl_media_rights;

GRANT UPDATE(erase_at) ON TABLE public.jobs TO vsl_media_rights;

GRANT UPDATE(predict_seconds) ON TABLE public.jobs TO vsl_media_rights;

GRANT UPDATE(left_out) ON TABLE public.jobs TO vsl_media_rights;

REVOKE ALL ON FUNCTION public.renew_epoch(moment timestamp with time zone) FROM PUBLIC;

GRANT SELECT,INSERT,UPDATE ON TABLE public.absences TO vsl_rights;
GRANT SELECT,INSERT,UPDATE ON TABLE public.absences TO vsl_jobs_rights;

GRANT SELECT,INSERT,UPDATE ON TABLE public.api_keys TO vsl_rights;
GRANT SELECT ON TABLE public.api_keys TO vsl_access_rights;
GRANT SELECT ON TABLE public.api_keys TO vsl_jobs_rights;

GRANT INSERT(id) ON TABLE public.api_keys TO vsl_access_rights;

GRANT INSERT(user_id) ON TABLE public.api_keys TO vsl_access_rights;

GRANT INSERT(key_hash) ON TABLE public.api_keys TO vsl_access_rights;

GRANT INSERT(last_four) ON TABLE public.api_keys TO vsl_access_rights;

GRANT INSERT(name),UPDATE(name) ON TABLE public.api_keys TO vsl_access_rights;

GRANT INSERT(created_at) ON TABLE public.api_keys TO vsl_access_rights;

GRANT UPDATE(expires_at) ON TABLE public.api_keys TO vsl_access_rights;

GRANT UPDATE(revoked_at) ON TABLE public.api_keys TO vsl_access_rights;

GRANT SELECT,INSERT ON TABLE public.batches TO vsl_rights;
GRANT SELECT,INSERT ON TABLE public.batches TO vsl_jobs_rights;

GRANT SELECT,INSERT,UPDATE ON TABLE public.callback_secrets TO vsl_rights;
GRANT SELECT,INSERT,UPDATE ON TABLE public.callback_secrets TO vsl_jobs_rights;

GRANT SELECT,INSERT ON TABLE public.callback_tries TO vsl_rights;
GRANT SELECT,INSERT ON TABLE public.callback_tries TO vsl_jobs_rights;

GRANT SELECT,INSERT,UPDATE ON TABLE public.callbacks TO vsl_rights;
GRANT SELECT,INSERT,UPDATE ON TABLE public.callbacks TO vsl_jobs_rights;

GRANT INSERT(job_id) ON TABLE public.callbacks TO vsl_media_rights;

GRANT INSERT(url) ON TABLE public.callbacks TO vsl_media_rights;

GRANT INSERT(created_at) ON TABLE public.callbacks TO vsl_media_rights;

GRANT INSERT(next_try_at) ON TABLE public.callbacks TO vsl_media_rights;

GRANT SELECT ON TABLE public.daily_usage TO vsl_rights;
GRANT SELECT ON TABLE public.daily_usage TO vsl_jobs_rights;

GRANT SELECT ON TABLE public.epoch TO vsl_rights;
GRANT SELECT ON TABLE public.epoch TO vsl_media_rights;
GRANT SELECT ON TABLE public.epoch TO vsl_jobs_rights;

GRANT SELECT,INSERT,DELETE ON TABLE public.foreign_predictions TO vsl_rights;
GRANT SELECT,INSERT,DELETE ON TABLE public.foreign_predictions TO vsl_jobs_rights;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.idempotency_keys TO vsl_rights;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.idempotency_keys TO vsl_jobs_rights;

GRANT INSERT ON TABLE public.job_events TO vsl_rights;
GRANT INSERT ON TABLE public.job_events TO vsl_jobs_rights;

GRANT SELECT(job_id) ON TABLE public.job_events TO vsl_rights;
GRANT INSERT(job_id) ON TABLE public.job_events TO vsl_media_rights;
GRANT SELECT(job_id) ON TABLE public.job_events TO vsl_jobs_rights;

GRANT INSERT(revision) ON TABLE public.job_events TO vsl_media_rights;

GRANT INSERT(from_status) ON TABLE public.job_events TO vsl_media_rights;

GRANT INSERT(to_status) ON TABLE public.job_events TO vsl_media_rights;

GRANT INSERT(reason) ON TABLE public.job_events TO vsl_media_rights;

GRANT SELECT(details),UPDATE(details) ON TABLE public.job_events TO vsl_rights;
GRANT INSERT(details) ON TABLE public.job_events TO vsl_media_rights;
GRANT SELECT(details),UPDATE(details) ON TABLE public.job_events TO vsl_jobs_rights;

GRANT INSERT(at) ON TABLE public.job_events TO vsl_media_rights;

GRANT SELECT,INSERT,DELETE ON TABLE public.media_outputs TO vsl_rights;
GRANT SELECT,INSERT ON TABLE public.media_outputs TO vsl_media_rights;
GRANT SELECT,INSERT,DELETE ON TABLE public.media_outputs TO vsl_jobs_rights;

GRANT SELECT,INSERT,UPDATE ON TABLE public.model_configurations TO vsl_rights;
GRANT SELECT,INSERT ON TABLE public.model_configurations TO vsl_access_rights;
GRANT SELECT ON TABLE public.model_configurations TO vsl_jobs_rights;

GRANT UPDATE(configuration) ON TABLE public.model_configurations TO vsl_access_rights;

GRANT UPDATE(updated_at) ON TABLE public.model_configurations TO vsl_access_rights;

GRANT SELECT,INSERT,UPDATE ON TABLE public.provider_account TO vsl_rights;
GRANT SELECT,INSERT,UPDATE ON TABLE public.provider_account TO vsl_jobs_rights;

GRANT SELECT ON TABLE public.signing_keys TO vsl_rights;
GRANT SELECT ON TABLE public.signing_keys TO vsl_jobs_rights;

GRANT SELECT,INSERT,UPDATE ON TABLE public.turns TO vsl_rights;
GRANT SELECT,INSERT,UPDATE ON TABLE public.turns TO vsl_jobs_rights;

GRANT SELECT(user_id) ON TABLE public.turns TO vsl_media_rights;

GRANT UPDATE(last_at) ON TABLE public.turns TO vsl_media_rights;

GRANT SELECT,INSERT ON TABLE public.users TO vsl_rights;
GRANT SELECT ON TABLE public.users TO vsl_access_rights;
GRANT SELECT ON TABLE public.users TO vsl_jobs_rights;

GRANT INSERT(id) ON TABLE public.users TO vsl_access_rights;
GRANT INSERT(id) ON TABLE public.users TO vsl_jobs_rights;

GRANT INSERT(name) ON TABLE public.users TO vsl_access_rights;
GRANT INSERT(name) ON TABLE public.users TO vsl_jobs_rights;

GRANT INSERT(created_at) ON TABLE public.users TO vsl_access_rights;
GRANT INSERT(created_at) ON TABLE public.users TO vsl_jobs_rights;

GRANT UPDATE(rate_per_hour) ON TABLE public.users TO vsl_rights;
GRANT UPDATE(rate_per_hour) ON TABLE public.users TO vsl_access_rights;

GRANT UPDATE(concurrent_jobs) ON TABLE public.users TO vsl_rights;
GRANT UPDATE(concurrent_jobs) ON TABLE public.users TO vsl_access_rights;

GRANT UPDATE(monthly_budget) ON TABLE public.users TO vsl_rights;
GRANT UPDATE(monthly_budget) ON TABLE public.users TO vsl_access_rights;

GRANT INSERT(issuer) ON TABLE public.users TO vsl_jobs_rights;
