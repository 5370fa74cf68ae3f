"""Cancels a job, here and at Replicate."""
