"""Answer a user's usage by day and model."""
