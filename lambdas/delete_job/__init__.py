"""Deletes a job that has ended: its media, and what is personal in its record."""
