"""Finds out what the webhooks missed."""
