"""Every foreign key has an index; without one PostgreSQL scans a table for each deleted row."""

from typing import Any

from integration.stores.jobs import added
from mediagen.records.jobs import JobRecords

# By table and column, with the reason.
WITHOUT_INDEX = {
    ("batches", "user_id"): "users are never deleted",
    ("idempotency_keys", "job_id"): "keys live for a day",
    ("idempotency_keys", "batch_id"): "keys live for a day",
}
_REFERENCES = """
SELECT CAST(conrelid AS regclass)::text, string_agg(attname, ', ' ORDER BY attnum)
FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = ANY(conkey)
WHERE contype = 'f' AND NOT EXISTS (
    SELECT FROM pg_index WHERE indrelid = conrelid AND conkey = (
        SELECT array_agg(key ORDER BY place) FROM unnest(indkey) WITH ORDINALITY AS keys(key, place)
        WHERE place <= cardinality(conkey))
) GROUP BY pg_constraint.oid
"""


def test_every_reference_has_an_index_or_a_reason_to_have_none(sql: Any) -> None:
    assert {(table, columns) for table, columns in sql.run(_REFERENCES)} == WITHOUT_INDEX.keys()


def test_the_index_of_retries_serves_the_look_up_of_a_deletion(records: JobRecords, user_id: str, sql: Any) -> None:
    first = added(records, user_id)
    added(records, user_id, retry_of=first.id)
    sql.run("SET enable_seqscan = off")
    try:
        plan = sql.run(
            "EXPLAIN SELECT 1 FROM ONLY jobs x WHERE CAST(:id AS uuid) = retry_of FOR KEY SHARE", id=first.id
        )
    finally:
        sql.run("RESET enable_seqscan")
    assert any("jobs_retries" in line for [line] in plan)
