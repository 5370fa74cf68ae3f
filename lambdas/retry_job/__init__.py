"""Makes a new job with the input of one that has ended."""
