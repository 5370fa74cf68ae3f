"""Accept a request for media and submit it to Replicate."""
