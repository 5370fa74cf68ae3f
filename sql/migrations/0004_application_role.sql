-- What the functions may do, and as whom.
--
-- The rights belong to vsl_rights, as which nobody logs in; its members are vsl_app, as which the functions log in, and,
-- where there is an RDS Proxy, vsl_proxy (made by apply_migrations). On RDS vsl_app is a member of rds_iam, too. It is not
-- the one who has the rights because who is a member of rds_iam, even through another role, cannot use a password:
-- https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/database-authentication.html
--
-- Roles belong to the server, so all this may be there already, or be in the making by the migrations of another of its
-- databases. Who may not create roles can have them made beforehand.

DO $$
BEGIN
    IF to_regrole('vsl_rights') IS NULL THEN
        CREATE ROLE vsl_rights;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL; -- another database was faster
END
$$;

DO $$
BEGIN
    IF to_regrole('vsl_app') IS NOT NULL THEN
        RETURN;
    ELSIF to_regrole('rds_iam') IS NULL THEN
        CREATE ROLE vsl_app LOGIN;
    ELSE
        -- Since PostgreSQL 16 who creates a role is a member of it: the owner would be one of rds_iam by way of vsl_app, and
        -- its password would be refused from then on. So somebody creates it who then goes.
        CREATE ROLE vsl_creator CREATEROLE;
        GRANT vsl_creator TO CURRENT_USER;
        SET LOCAL ROLE vsl_creator;
        CREATE ROLE vsl_app LOGIN;
        RESET ROLE;
        DROP ROLE vsl_creator;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;
END
$$;

DO $$
BEGIN
    IF NOT pg_has_role('vsl_app', 'vsl_rights', 'MEMBER') THEN
        GRANT vsl_rights TO vsl_app;
    END IF;
    IF to_regrole('rds_iam') IS NOT NULL THEN
        IF NOT pg_has_role('vsl_app', 'rds_iam', 'MEMBER') THEN
            GRANT rds_iam TO vsl_app;
        END IF;
    END IF;
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO vsl_rights', current_database());
END
$$;

GRANT USAGE ON SCHEMA public TO vsl_rights;

-- What the statements of the functions need, and no more: nothing is ever deleted, history is only added to, and a table
-- of a later migration is closed until that migration opens it.
GRANT SELECT, INSERT ON users TO vsl_rights;
GRANT SELECT, INSERT, UPDATE ON api_keys TO vsl_rights;
GRANT SELECT, INSERT, UPDATE ON jobs TO vsl_rights;
GRANT INSERT ON job_events TO vsl_rights;
GRANT SELECT, INSERT ON media_outputs TO vsl_rights;
GRANT SELECT ON model_configurations TO vsl_rights;
