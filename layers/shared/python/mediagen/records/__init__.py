"""PostgreSQL, the source of truth. Each module holds the statements of one kind of record."""
