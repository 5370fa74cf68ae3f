"""Shows clients what they were told of their jobs' ends, tells it again, and hands out the secrets that sign it."""
