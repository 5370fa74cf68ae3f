"""Create a job with the input of one in a terminal state."""
