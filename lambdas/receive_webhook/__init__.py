"""Verify Replicate's webhooks and queue them."""
