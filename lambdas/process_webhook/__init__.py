"""Copy results into our bucket and complete jobs."""
