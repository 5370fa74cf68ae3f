"""List a user's jobs, newest first."""
