-- What a user may have, what a user's jobs came to by day and model, and the one place that admits jobs.

-- NULL is the platform's default, which the functions bring along.
ALTER TABLE users
    ADD COLUMN rate_per_hour integer CHECK (rate_per_hour >= 1),
    ADD COLUMN concurrent_jobs integer CHECK (concurrent_jobs >= 1),
    ADD COLUMN monthly_budget numeric(12, 6) CHECK (monthly_budget >= 0);

GRANT UPDATE (rate_per_hour, concurrent_jobs, monthly_budget) ON users TO vsl_rights;

-- Replicate's own figure. Where there is none, what a job took is told by the clock.
ALTER TABLE jobs ADD COLUMN predict_seconds numeric(12, 3) CHECK (predict_seconds >= 0);

CREATE INDEX jobs_unfinished ON jobs (user_id) WHERE completed_at IS NULL;

-- Jobs that have ended, by the day (UTC) on which they were accepted. Kept by a trigger, so whatever changes a job changes
-- this with it, or neither: it always is the sum over the jobs.
CREATE TABLE daily_usage (
    user_id uuid NOT NULL REFERENCES users (id),
    day date NOT NULL,
    media_type text NOT NULL,
    model_id text NOT NULL,
    completed bigint NOT NULL,
    failed bigint NOT NULL,
    canceled bigint NOT NULL,
    cost numeric NOT NULL,
    seconds numeric NOT NULL,
    PRIMARY KEY (user_id, day, media_type, model_id)
);

-- Nobody else writes it: the trigger does so as the owner of the schema.
GRANT SELECT ON daily_usage TO vsl_rights;

CREATE FUNCTION count_ended_job(job jobs, times integer) RETURNS void LANGUAGE sql AS $$
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

CREATE FUNCTION keep_daily_usage() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
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

CREATE TRIGGER jobs_that_are_added_ended AFTER INSERT ON jobs
    FOR EACH ROW WHEN (NEW.completed_at IS NOT NULL) EXECUTE FUNCTION keep_daily_usage();
CREATE TRIGGER jobs_that_end AFTER UPDATE ON jobs
    FOR EACH ROW WHEN (OLD.completed_at IS DISTINCT FROM NEW.completed_at OR OLD.status IS DISTINCT FROM NEW.status
                       OR OLD.cost IS DISTINCT FROM NEW.cost
                       OR OLD.predict_seconds IS DISTINCT FROM NEW.predict_seconds)
    EXECUTE FUNCTION keep_daily_usage();

-- Jobs of before; since the first line nobody else can write.
INSERT INTO daily_usage
SELECT user_id, CAST(created_at AT TIME ZONE 'UTC' AS date), media_type, model_id,
       count(*) FILTER (WHERE status = 'completed'), count(*) FILTER (WHERE status = 'failed'),
       count(*) FILTER (WHERE status = 'canceled'), sum(COALESCE(cost, 0)),
       sum(COALESCE(round(greatest(extract(epoch FROM completed_at - started_at), 0), 3), 0))
FROM jobs WHERE completed_at IS NOT NULL GROUP BY 1, 2, 3, 4;

-- What a user's jobs of a calendar month (UTC) have cost, and what those that have not ended are estimated to cost. It is
-- the month in which a job was accepted. One statement, so a job that ends at this moment is in one of the two sums.
CREATE FUNCTION month_of_user(client uuid, moment timestamptz, OUT reserved numeric, OUT spent numeric)
LANGUAGE sql STABLE AS $$
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

-- Whether one more job of a user fits within the limits. The statement that inserts the job calls it, so the lock lasts until
-- the job is there; and being VOLATILE, each statement in here sees what others committed before the lock was had.
CREATE FUNCTION admit(
    new_job uuid, client uuid, price numeric, moment timestamptz, default_jobs integer, default_budget numeric,
    OUT refusal text, OUT job_limit integer, OUT budget numeric, OUT running bigint, OUT next_end timestamptz,
    OUT reserved numeric, OUT spent numeric
) LANGUAGE plpgsql VOLATILE AS $$
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
