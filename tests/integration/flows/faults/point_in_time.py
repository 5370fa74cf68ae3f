"""PostgreSQL goes back to an earlier moment; Redis, the job table, S3, the queues and Replicate do not."""

from dataclasses import dataclass
from uuid import uuid4

from integration.flows.containers import new_container
from integration.flows.faults.settling import Stage

_TABLES = (
    "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_migrations'"
)
_DELETED, _COMPLETED = "deleted_at IS NOT NULL", "deleted_at IS NULL AND status = 'completed'"
_KINDS = ("true", _DELETED, _COMPLETED)


@dataclass(frozen=True)
class Snapshot:
    """All tables of one moment, as copies in a schema of their own, and how many callbacks had arrived by then."""

    schema: str
    callbacks: int


def take_snapshot(stage: Stage) -> Snapshot:
    """Keep what PostgreSQL has now."""
    snapshot = Snapshot(f"at_{uuid4().hex}", len(stage.receiver.bodies))
    stage.world.sql.run(f"CREATE SCHEMA {snapshot.schema}")
    for table in _tables(stage):
        stage.world.sql.run(f"CREATE TABLE {snapshot.schema}.{table} AS TABLE {table}")
    return snapshot


def restore(stage: Stage, snapshot: Snapshot, *, renewed: bool = True) -> set[str]:
    """Bring PostgreSQL back to a snapshot and renew its epoch; return the ids of the jobs that were accepted since.

    Those jobs are lost with the rows, so nothing is promised for them any more. Callbacks that arrived since are sent
    again under another id, as ADR 42 says, and are forgotten here.
    """
    sql, before, deleted, completed = stage.world.sql, *(_job_ids(stage, which) for which in _KINDS)
    sql.run("BEGIN")
    sql.run("SET LOCAL session_replication_role = replica")  # no triggers: the copies have what those would write
    for table in _tables(stage):
        sql.run(f"DELETE FROM {table}")
        sql.run(f"INSERT INTO {table} OVERRIDING SYSTEM VALUE SELECT * FROM {snapshot.schema}.{table}")
    sql.run("COMMIT")
    if renewed:
        sql.run("SELECT renew_epoch(:now)", now=stage.now())
    new_container()
    for arrived in (stage.receiver.bodies, stage.receiver.requests):
        del arrived[snapshot.callbacks :]
    lost = before - _job_ids(stage)
    stage.restored.lost |= lost
    stage.restored.deleted |= deleted - _job_ids(stage, _DELETED)
    stage.restored.completed |= completed - lost
    stage.accepted[:] = [job_id for job_id in stage.accepted if job_id not in lost]
    return lost


def _tables(stage: Stage) -> list[str]:
    return [name for [name] in stage.world.sql.run(_TABLES)]


def drop_snapshot(stage: Stage, snapshot: Snapshot) -> None:
    stage.world.sql.run(f"DROP SCHEMA {snapshot.schema} CASCADE")


def _job_ids(stage: Stage, which: str = "true") -> set[str]:
    return {job_id for [job_id] in stage.world.sql.run(f"SELECT CAST(id AS text) FROM jobs WHERE {which}")}
