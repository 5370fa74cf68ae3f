"""Errors: refusals that clients see, and texts that are safe to log."""
