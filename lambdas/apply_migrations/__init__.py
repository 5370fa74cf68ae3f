"""Migrate the database to the newest schema."""
