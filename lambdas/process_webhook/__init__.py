"""Copies results into our bucket and finishes jobs."""
