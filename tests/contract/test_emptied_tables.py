"""A row that one test leaves changes the next: every table is emptied between tests."""

import re

from common.paths import ROOT
from integration.databases import TABLES

KEPT = {"schema_migrations", "signing_keys", "epoch"}  # of the database itself; the epoch is set to its first value
GO_WITH_JOBS = {"absences"}  # ON DELETE CASCADE


def test_every_table_is_emptied_between_tests() -> None:
    schema = (ROOT / "sql" / "schema.sql").read_text()
    assert set(re.findall(r"CREATE TABLE public\.(\w+)", schema)) == {*TABLES, *KEPT, *GO_WITH_JOBS}
