"""Limits: requests an hour, running jobs, monthly budget, dispatch slots."""
