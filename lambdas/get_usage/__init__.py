"""Answers what a user's jobs came to, by day and model."""
