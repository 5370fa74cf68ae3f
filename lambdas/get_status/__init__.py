"""Answers what a job's status is, with signed links."""
