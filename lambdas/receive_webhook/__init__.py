"""Verifies Replicate's webhooks and queues them."""
