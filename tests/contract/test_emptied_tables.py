"""Every table is emptied between tests, because a row that one test leaves changes the next."""

import re

from common.paths import ROOT
from integration.databases import TABLES

KEPT = {"schema_migrations", "signing_keys", "epoch"}  # the database's own; the epoch is reset to its first value
GO_WITH_JOBS = {"absences"}  # emptied by ON DELETE CASCADE


def test_every_table_is_emptied_between_tests() -> None:
    schema = (ROOT / "sql" / "schema.sql").read_text()
    assert set(re.findall(r"CREATE TABLE public\.(\w+)", schema)) == {*TABLES, *KEPT, *GO_WITH_JOBS}
