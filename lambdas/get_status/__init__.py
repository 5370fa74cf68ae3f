"""Answer a job's status, with signed links."""
