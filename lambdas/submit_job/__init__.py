"""Submit jobs that could not be submitted when they were accepted."""
