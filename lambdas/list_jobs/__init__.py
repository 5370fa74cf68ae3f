"""Lists a user's jobs, newest first."""
