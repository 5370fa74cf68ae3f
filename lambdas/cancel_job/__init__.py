"""Cancel a job, here and at Replicate."""
