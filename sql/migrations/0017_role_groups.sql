-- Three groups of functions, each with rights and a login of its own (docs/decisions/0036-database-roles.md):
--   media   process_webhook, which runs ffmpeg on foreign files
--   access  authorize and manage_access: API keys, users, budgets, entries of models
--   jobs    all others
-- vsl_rights keeps all rights together: for a database that all functions reach by one URL, as vsl_app.
--
-- If the owner may not create roles, and nobody made these beforehand, they are left out: one URL goes on working.

DO $$
DECLARE
    logins text[] := ARRAY['vsl_media', 'vsl_access', 'vsl_jobs'];
    login text;
BEGIN
    FOREACH login IN ARRAY logins LOOP
        IF to_regrole(login || '_rights') IS NULL THEN
            EXECUTE format('CREATE ROLE %I', login || '_rights');
        END IF;
    END LOOP;
    IF to_regrole('rds_iam') IS NOT NULL AND to_regrole('vsl_jobs') IS NULL THEN
        -- Made by a role that is dropped, so that the owner is no member of rds_iam by way of them (0004).
        CREATE ROLE vsl_creator CREATEROLE;
        GRANT vsl_creator TO CURRENT_USER;
        SET LOCAL ROLE vsl_creator;
    END IF;
    FOREACH login IN ARRAY logins LOOP
        IF to_regrole(login) IS NULL THEN
            EXECUTE format('CREATE ROLE %I LOGIN', login);
        END IF;
    END LOOP;
    RESET ROLE;
    IF to_regrole('vsl_creator') IS NOT NULL THEN
        DROP ROLE vsl_creator;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN
        NULL; -- the migrations of another database of this server were faster
    WHEN insufficient_privilege THEN
        RAISE NOTICE 'roles by group of functions are left out: the owner may not create roles';
END
$$;

-- It locks a user's row, which takes the right to change users: that remains the owner's.
ALTER FUNCTION admit SECURITY DEFINER SET search_path = public, pg_temp;
REVOKE EXECUTE ON FUNCTION admit FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admit TO vsl_rights;

DO $$
DECLARE
    login text;
    rights text;
BEGIN
    FOREACH login IN ARRAY ARRAY['vsl_media', 'vsl_access', 'vsl_jobs'] LOOP
        rights := login || '_rights';
        CONTINUE WHEN to_regrole(login) IS NULL OR to_regrole(rights) IS NULL;
        IF NOT pg_has_role(login, rights, 'MEMBER') THEN
            EXECUTE format('GRANT %I TO %I', rights, login);
        END IF;
        IF to_regrole('rds_iam') IS NOT NULL THEN
            IF NOT pg_has_role(login, 'rds_iam', 'MEMBER') THEN
                EXECUTE format('GRANT rds_iam TO %I', login);
            END IF;
        END IF;
        EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), rights);
        EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', rights);
    END LOOP;

    -- Finishes jobs: reads them, moves them, adds history, files and callbacks. It changes no request and no estimate.
    IF to_regrole('vsl_media_rights') IS NOT NULL THEN
        GRANT SELECT, UPDATE (status, revision, updated_at, started_at, completed_at, next_check_at, erase_at,
                              replicate_id, cost, predict_seconds, error_code, error_message, error_retryable)
            ON jobs TO vsl_media_rights;
        GRANT INSERT (job_id, revision, from_status, to_status, reason, details, at) ON job_events TO vsl_media_rights;
        GRANT SELECT, INSERT ON media_outputs TO vsl_media_rights;
        GRANT INSERT (job_id, url, created_at, next_try_at) ON callbacks TO vsl_media_rights;
        GRANT SELECT (user_id), UPDATE (last_at) ON turns TO vsl_media_rights;
    END IF;

    -- Knows users and keys, and nothing of what they make.
    IF to_regrole('vsl_access_rights') IS NOT NULL THEN
        GRANT SELECT, INSERT (id, name, created_at), UPDATE (rate_per_hour, concurrent_jobs, monthly_budget)
            ON users TO vsl_access_rights;
        GRANT SELECT, INSERT (id, user_id, key_hash, last_four, name, created_at), UPDATE (name, expires_at, revoked_at)
            ON api_keys TO vsl_access_rights;
        GRANT SELECT, INSERT, UPDATE (configuration, updated_at) ON model_configurations TO vsl_access_rights;
    END IF;

    -- Accepts, sends, shows and deletes jobs. A user whom a token names is added without limits of their own.
    IF to_regrole('vsl_jobs_rights') IS NOT NULL THEN
        GRANT SELECT, INSERT (id, name, issuer, created_at) ON users TO vsl_jobs_rights;
        GRANT SELECT ON api_keys, model_configurations, daily_usage, signing_keys TO vsl_jobs_rights;
        GRANT SELECT, INSERT, UPDATE ON jobs, turns, provider_account, absences, callbacks, callback_secrets
            TO vsl_jobs_rights;
        GRANT INSERT, SELECT (job_id, details), UPDATE (details) ON job_events TO vsl_jobs_rights;
        GRANT SELECT, INSERT, DELETE ON media_outputs TO vsl_jobs_rights;
        GRANT SELECT, INSERT ON batches, callback_tries TO vsl_jobs_rights;
        GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency_keys TO vsl_jobs_rights;
        GRANT EXECUTE ON FUNCTION admit TO vsl_jobs_rights;
    END IF;
END
$$;
